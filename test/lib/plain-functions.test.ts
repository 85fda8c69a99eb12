import { readFileSync } from 'node:fs';
import { runInNewContext, Script } from 'node:vm';
import { parse } from 'acorn';
import { describe, expect, it } from 'vitest';
import { bundleHandler, HANDLERS } from '../../lib/handler-code.ts';
import { plainFunctions } from '../../lib/plain-functions.ts';

const rewritten = (code: string): string => plainFunctions(code, parse(code, { ecmaVersion: 'latest' }));

describe('arrow functions of a bundle', () => {
  it.each([
    ['without parameters', '(()=>7)()', 7],
    ['with one parameter, bare', 'var f=a=>a+1;f(1)', 2],
    ['with parentheses around it', 'var f=(a)=>a+1;f(1)', 2],
    ['with several', 'var f=(a,b)=>{return a+b};f(1,2)', 3],
    ['with patterns and defaults', 'var f=({a},[b]=[2],...c)=>a+b+c.length;f({a:1},void 0,5)', 4],
    ['with a default that looks like one', 'var f=(a="x=>y")=>a;f()', 'x=>y'],
    ['with a default that is one', 'var f=(a=b=>b+1)=>a(1);f()', 2],
    ['that give an object', 'var f=a=>({a});f(1).a', 1],
    ['that give a sequence', 'var f=a=>(a++,a);f(1)', 2],
    ['within each other', 'var f=a=>b=>c=>a+b+c;f(1)(2)(3)', 6],
    ['right after a keyword', 'var f=function(a){return()=>a};f(1)()', 1],
    ['as arguments', '[3,1,2].sort((a,b)=>a-b).join()', '1,2,3'],
    ['as branches', '(true?a=>a+1:a=>a-1)(1)', 2],
    ['in a class field', 'var C=class{f=a=>a+1};new C().f(1)', 2],
    ['as a method of an object', 'var o={f:a=>a+1};o.f(1)', 2],
  ])('are functions to the same effect: %s', (_, code, value) => {
    expect(runInNewContext(code)).toEqual(value);
    expect(rewritten(code).replace('"x=>y"', '')).not.toContain('=>');
    expect(runInNewContext(rewritten(code))).toEqual(value);
  });

  it.each([
    ['bare', 'var f=async a=>await a+1;f(1)'],
    ['with parentheses', 'var f=async(a,b=1)=>{return await a+b};f(1)'],
  ])('are functions to the same effect: asynchronous, %s', async (_, code) => {
    expect(rewritten(code)).not.toContain('=>');
    expect(await runInNewContext(rewritten(code))).toBe(2);
  });

  it.each([
    ['this', 'var o={x:1,m(){return[1].map(()=>this.x)}};o.m()[0]', 1],
    ['this, deep in it', 'var o={x:1,m(){return[1].map(()=>(()=>this.x)())}};o.m()[0]', 1],
    ['this in a default', 'var o={x:1,m(){return((a=this.x)=>a)()}};o.m()', 1],
    [
      'this ahead of super()',
      'var C=class extends Array{constructor(){var f=()=>this;super();this.f=f}};new C().f().length',
      0,
    ],
    ['this in a field', 'var C=class{x=1;f=()=>this.x};new C().f()', 1],
    ['super', 'var C=class extends Array{m(){return(()=>super.concat([1]))()}};new C().m().length', 1],
    ['arguments', '(function(){return(()=>arguments[0])()})(1)', 1],
    ['new.target', 'var F=function(){this.t=(()=>new.target===F)()};new F().t', true],
  ])('stay as they are with %s', (_, code, value) => {
    expect(rewritten(code)).toBe(code);
    expect(runInNewContext(code)).toEqual(value);
  });

  it('stay as they are at the start of a statement, where a function would be a declaration', () => {
    expect(rewritten('a=>a;')).toBe('a=>a;');
  });

  it('are hardly any in what is deployed, which is valid', () => {
    for (const name of HANDLERS) {
      const code = readFileSync(bundleHandler(name).code, 'utf8');
      expect(() => new Script(code)).not.toThrow();
      expect(code.split('=>').length, name).toBeLessThan(100);
      expect(code.split('function').length, name).toBeGreaterThan(1_000);
    }
  });
});
