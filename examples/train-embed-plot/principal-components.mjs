/** Projects rows on their first two principal components, by power iteration. */
export function principalComponents(rows) {
  const mean = rows[0].map((_, column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length);
  let rest = rows.map((row) => row.map((value, column) => value - mean[column]));
  const components = [0, 1].map(() => {
    let direction = mean.map((_, column) => 1 + column / mean.length);
    for (let iteration = 0; iteration < 50; iteration++) {
      const along = rest.map((row) => dot(row, direction));
      direction = unit(mean.map((_, column) => rest.reduce((sum, row, index) => sum + row[column] * along[index], 0)));
    }
    const scores = rest.map((row) => dot(row, direction));
    rest = rest.map((row, index) => row.map((value, column) => value - scores[index] * direction[column]));
    return scores;
  });
  return rows.map((_, index) => components.map((scores) => scores[index]));
}

function dot(a, b) {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}

function unit(vector) {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return vector.map((value) => value / length);
}
