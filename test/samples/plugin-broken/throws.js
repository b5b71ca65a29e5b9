throw new Error('no engine');
