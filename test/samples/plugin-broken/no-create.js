export const plugins = [{ kind: 'observer', name: 'empty', summary: 'Nothing.', options: {} }];
