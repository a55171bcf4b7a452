import { themed } from './theme.js';

themed();
