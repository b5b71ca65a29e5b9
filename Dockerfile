# The steps of README's "Start". `npm start` installs libtensorflow, so that the image fits the machine that runs it.
FROM node:22-bookworm
WORKDIR /ssql
COPY . .
RUN npm ci
CMD ["npm", "start"]
