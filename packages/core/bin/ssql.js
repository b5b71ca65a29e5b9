#!/usr/bin/env node
import '../dist/ssql.js';
