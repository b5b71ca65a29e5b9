#!/usr/bin/env node
import '../dist/create-ssql.js';
