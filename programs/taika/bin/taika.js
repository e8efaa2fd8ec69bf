#!/usr/bin/env node
console.log('taika', process.version);
