// The Node.js runtime: loads a handler and answers invocations over the socket on descriptor 3.
//
// Started ahead of its use, it waits for its first frame before it knows whose it is. Results,
// errors and log lines are those of AWS's Node.js runtime. The frames are in `workers/frames.py`.

'use strict';

const dns = require('dns');
const fs = require('fs');
const net = require('net');
const path = require('path');
const util = require('util');
const { Module } = require('module');
const { Writable } = require('stream');
const { pathToFileURL } = require('url');

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HTTP_STREAM = 'application/vnd.awslambda.http-integration-response';
const LOCAL_NAME = /\.localhost(\.localstack\.cloud)?\.?$/i;
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const stringify = JSON.stringify;
const exit = process.exit.bind(process);
const resourceUsage = process.resourceUsage.bind(process);

const MISSING_SDK =
  '[fogline] AWS brings @aws-sdk along; here, put it into package.json, or start Fogline with --node-modules DIR.\n';

const named = (name) => {
  const kind = class extends Error {};
  kind.prototype.name = `Runtime.${name}`;
  return kind;
};
const CallbackHandlerDeprecated = named('CallbackHandlerDeprecated');
const HandlerNotFound = named('HandlerNotFound');
const ImportModuleError = named('ImportModuleError');
const InvalidStreamingOperation = named('InvalidStreamingOperation');
const MalformedHandlerName = named('MalformedHandlerName');
const MalformedStreamingHandler = named('MalformedStreamingHandler');
const NodeJsExit = named('NodeJsExit');
const UnhandledPromiseRejection = named('UnhandledPromiseRejection');
const UserCodeSyntaxError = named('UserCodeSyntaxError');

// The socket.

const socket = new net.Socket({ fd: 3, readable: true, writable: true });
let pending = Buffer.alloc(0);

socket.on('data', (data) => {
  pending = pending.length === 0 ? data : Buffer.concat([pending, data]);
  while (pending.length >= 5) {
    const size = pending.readUInt32BE(0);
    if (pending.length < 5 + size) break;
    const kind = pending[4];
    const body = pending.subarray(5, 5 + size);
    pending = pending.subarray(5 + size);
    if (kind === 67 /* C */) configure(JSON.parse(body));
    else if (kind === 73 /* I */) invoke(body);
  }
});
socket.on('end', () => exit(0));
socket.on('error', () => exit(0));

function send(kind, body, then) {
  const head = Buffer.allocUnsafe(5);
  head.writeUInt32BE(body.length, 0);
  head[4] = kind.charCodeAt(0);
  socket.write(Buffer.concat([head, body]), then);
}

function sendResult(kind, text, contentType, then) {
  const type = Buffer.from(contentType || 'application/json', 'latin1');
  const head = Buffer.allocUnsafe(5);
  head.writeUInt32BE(resourceUsage().maxRSS >>> 10, 0);
  head[4] = type.length;
  send(kind, Buffer.concat([head, type, Buffer.from(text, 'utf8')]), then);
}

// Errors, as AWS shows them to the caller and in the log.

const looksLikeError = (value) =>
  util.types.isNativeError(value) ||
  (value && [value.name, value.message, value.stack].every((part) => part && typeof part === 'string'));

function payloadOf(error) {
  try {
    if (!looksLikeError(error)) {
      return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
    }
    return { errorType: error.name, errorMessage: error.message, trace: error.stack.split('\n') };
  } catch {
    const errorMessage =
      'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack';
    return { errorType: 'handled', errorMessage };
  }
}

function withHiddenMembers(_key, value) {
  if (!(value instanceof Error)) return value;
  const facts = { errorType: value.name, errorMessage: value.message, code: value.code };
  Object.assign(facts, value);
  if (typeof value.stack === 'string') facts.stack = value.stack.split('\n');
  return facts;
}

function logError(title, error) {
  const proper = error instanceof Error ? error : new Error(error);
  if (isJson()) {
    console.error(proper);
    return;
  }
  let text;
  try {
    text = stringify(proper, withHiddenMembers);
  } catch {
    text = stringify(payloadOf(proper));
  }
  console.error(title, '\t' + text);
}

// The console.

let requestId;
let tenantId;
const isJson = () => (process.env.AWS_LAMBDA_LOG_FORMAT || '').toUpperCase() === 'JSON';

function writeEvent(text) {
  const body = Buffer.from(text, 'utf8');
  const data = Buffer.alloc(16 + body.length);
  data.writeUInt32BE(0xa55a0003, 0);
  data.writeUInt32BE(body.length, 4);
  data.writeBigInt64BE(BigInt(Date.now()) * 1000n, 8);
  body.copy(data, 16);
  for (let sent = 0; sent < data.length; ) {
    try {
      sent += fs.writeSync(1, data, sent);
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function errorMembers(_key, value) {
  if (!(value instanceof Error)) return value;
  const stack = typeof value.stack === 'string' ? value.stack.split('\n') : value.stack;
  const errorType = value.constructor?.name ?? 'UnknownError';
  return Object.assign({ errorType, errorMessage: value.message, stackTrace: stack }, value);
}

function jsonLine(level, values) {
  const line = { timestamp: new Date().toISOString(), level, requestId };
  if (tenantId) line.tenantId = tenantId;
  if (values.length === 1) {
    try {
      return stringify({ ...line, message: values[0] }, errorMembers);
    } catch {
      return stringify({ ...line, message: util.format(values[0]) });
    }
  }
  line.message = util.format(...values);
  const error = values.find((value) => value instanceof Error);
  return stringify(error ? { ...line, ...errorMembers('', error) } : line);
}

function patchConsole() {
  const wanted = LEVELS.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL || '').toUpperCase());
  const json = isJson();
  LEVELS.forEach((level, rank) => {
    console[level.toLowerCase()] = (...values) => {
      if (rank < wanted && level !== 'FATAL') return;
      if (json) writeEvent(jsonLine(level, values) + '\n');
      else writeEvent(`${new Date().toISOString()}\t${requestId}\t${level}\t${util.format(...values)}\n`);
    };
  });
  console.log = console.info;
}

// Loading the handler.

// Called as a method of this class, handlers appear in stack traces under the name AWS gives them.
class Runtime {}
const runtime = new Runtime();

let handler;
let ready = false;
let waiting = null;
let endOfLoop = () => {};

function fail(kind, title, error, status) {
  if (title) logError(title, error);
  ready = false;
  if (kind === 'F') send('F', Buffer.from(stringify(payloadOf(error))), () => exit(status));
  else sendResult('X', stringify(payloadOf(error)), '', () => exit(status));
}

// Names that lead to this machine, whatever its resolver knows: those under `.localhost`, as RFC 6761 has it, and
// `sync-` before the endpoint's host, which is what the SDK asks for StartSyncExecution.
function findLocalNames() {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  const host = endpoint && URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  const found = (name) => {
    if (host && name === `sync-${host}`) return host;
    return typeof name === 'string' && LOCAL_NAME.test(name) ? '127.0.0.1' : name;
  };
  for (const place of [dns, dns.promises]) {
    const lookup = place.lookup;
    place.lookup = function (name, ...rest) {
      return lookup.call(this, found(name), ...rest);
    };
    // What `util.promisify` makes of it is told by a property.
    Object.defineProperties(place.lookup, Object.getOwnPropertyDescriptors(lookup));
  }
}

// Names by which AWS knows our APIs, and their custom domain names, lead to our endpoint, at whatever port they are
// asked for.
function leadHome({ host, port, names }) {
  if (names.length === 0) return;
  const known = new Set(names);
  const isHome = (name) => {
    const plain = name.toLowerCase().replace(/\.$/, '');
    return known.has(plain) || known.has(`*${plain.slice(plain.indexOf('.'))}`);
  };
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    // What `net.connect` has put in order comes as one array.
    const list = Array.isArray(args[0]) ? args[0] : args;
    if (typeof list[0]?.host === 'string' && isHome(list[0].host)) list[0] = { ...list[0], host, port };
    else if (typeof list[1] === 'string' && isHome(list[1])) list.splice(0, 2, port, host);
    return connect.apply(this, args);
  };
}

async function configure(settings) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, settings.environment);
  process.chdir(settings.task);
  findLocalNames();
  leadHome(settings.home);
  process.argv = [process.argv[0], '/var/runtime/index.mjs'];
  patchConsole();
  process.on('uncaughtException', (error) => {
    fail(ready ? 'E' : 'F', 'Uncaught Exception', error, 129);
  });
  process.on('unhandledRejection', (reason, promise) => {
    const error = Object.assign(new UnhandledPromiseRejection(reason), { reason, promise });
    fail(ready ? 'E' : 'F', 'Unhandled Promise Rejection', error, 128);
  });
  process.on('beforeExit', () => endOfLoop());
  try {
    handler = await load(settings.task, process.env._HANDLER);
    if (handler[STREAMING] && handler[STREAMING] !== 'response') {
      throw new MalformedStreamingHandler('Only response streaming is supported.');
    }
    refuseCallbacks();
    runtime.handler = handler;
  } catch (error) {
    fail('F', 'Uncaught Exception', error, 129);
    return;
  }
  ready = true;
  send('Y', Buffer.alloc(0));
  if (waiting) {
    const body = waiting;
    waiting = null;
    invoke(body);
  }
}

function refuseCallbacks() {
  if (handler.length !== 3 || isAsync() || handler[STREAMING]) return;
  const major = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV)?.[1] ?? 0);
  if (major >= 24) {
    throw new CallbackHandlerDeprecated(
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. ' +
        'You need to modify this function to use a supported handler signature to use Node.js 24 or later. ' +
        'For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  }
}

const isAsync = () => handler.constructor?.name === 'AsyncFunction';

async function load(root, name) {
  if (name.includes('..')) {
    throw new MalformedHandlerName(
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const base = path.basename(name);
  const dot = base.indexOf('.');
  if (dot < 0) throw new MalformedHandlerName('Bad handler');
  globalThis.awslambda = {
    streamifyResponse: (streaming, _options) => Object.assign(streaming, { [STREAMING]: 'response' }),
    HttpResponseStream: { from: httpStream },
  };
  let found;
  try {
    found = await loadModule(path.resolve(root, path.dirname(name), base.slice(0, dot)), root);
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserCodeSyntaxError(error);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      if (/['"]@(aws-sdk|smithy)\//.test(error.message)) process.stderr.write(MISSING_SDK);
      throw new ImportModuleError(error);
    }
    throw error;
  }
  for (const member of base.slice(dot + 1).split('.')) found = found && found[member];
  if (!found) throw new HandlerNotFound(`${name} is undefined or not exported`);
  if (typeof found !== 'function') throw new HandlerNotFound(`${name} is not a function`);
  return found;
}

async function loadModule(file, root) {
  const require = Module.createRequire(path.join(root, 'index.js'));
  const load = (name) => {
    if (!name.endsWith('.mjs') && !isModuleFile(name)) return require(name);
    searchNodePath();
    return import(pathToFileURL(name));
  };
  for (const ending of ['', '.js', '.mjs', '.cjs']) {
    const name = file + ending;
    if (fs.statSync(name, { throwIfNoEntry: false })?.isFile()) return load(name);
  }
  return require(require.resolve(path.relative(root, file), { paths: [root, path.dirname(file)] }));
}

// As on AWS, and unlike in Node.js alone, `import` looks in the folders of NODE_PATH too.
function searchNodePath() {
  const folders = (process.env.NODE_PATH || '').split(':').filter((folder) => fs.existsSync(folder));
  if (folders.length === 0) return;
  const parents = folders.map((folder) => pathToFileURL(path.join(folder, '..', 'index.js')).href);
  const isBare = (name, error) => error.code === 'ERR_MODULE_NOT_FOUND' && !/^([./]|[a-z]+:)/.test(name);
  if (Module.registerHooks) {
    const resolve = (name, context, next) => {
      try {
        return next(name, context);
      } catch (error) {
        if (!isBare(name, error)) throw error;
        for (const parentURL of parents) {
          try {
            return next(name, { ...context, parentURL });
          } catch {}
        }
        throw error;
      }
    };
    Module.registerHooks({ resolve });
  } else if (Module.register) {
    const code = `
      const isBare = ${isBare};
      export async function resolve(name, context, next) {
        try {
          return await next(name, context);
        } catch (error) {
          if (!isBare(name, error)) throw error;
          for (const parentURL of ${stringify(parents)}) {
            try {
              return await next(name, { ...context, parentURL });
            } catch {}
          }
          throw error;
        }
      }`;
    Module.register('data:text/javascript,' + encodeURIComponent(code));
  }
}

function isModuleFile(name) {
  if (!name.endsWith('.js')) return false;
  for (let folder = path.dirname(name); ; folder = path.dirname(folder)) {
    if (folder.endsWith('/node_modules')) return false;
    const file = path.join(folder, 'package.json');
    if (fs.existsSync(file)) {
      try {
        return JSON.parse(fs.readFileSync(file)).type === 'module';
      } catch {
        return false;
      }
    }
    if (folder === path.dirname(folder)) return false;
  }
}

// Invocations. While one runs, the socket does not keep the event loop alive: a loop that runs empty
// is how a handler that never answered, and a callback that waits for everything, are noticed.

function invoke(body) {
  if (!ready) {
    waiting = body;
    return;
  }
  const size = body.readUInt32BE(0);
  const facts = JSON.parse(body.subarray(4, 4 + size));
  requestId = facts.id;
  tenantId = facts.tenant;
  process.env._X_AMZN_TRACE_ID = facts.trace;
  socket.unref();
  const text = body.subarray(4 + size).toString('utf8');
  if (text.includes(RESPONSES_PATH)) answerAtResponseUrl(text);
  // From a microtask, as the way here through the socket is nothing a stack trace should show.
  queueMicrotask(() => (handler[STREAMING] ? stream(facts, text) : answer(facts, text)));
}

// Handlers of custom resources (all that the CDK brings, the older cfn-response) take only host and path from the
// ResponseURL, and put to them at port 443 by TLS: on AWS that is where they lead. Such requests are sent to where
// the URL leads here.
const RESPONSES_PATH = '/_fogline/cloudformation/responses/';
let responses;

function answerAtResponseUrl(text) {
  const found = /"ResponseURL" ?: ?"(http:[^"]+)"/.exec(text);
  if (!found || !URL.canParse(found[1])) return;
  const isFirst = !responses;
  responses = new URL(found[1]);
  if (!isFirst) return;
  const http = require('http');
  const https = require('https');
  const request = https.request;
  https.request = function (options, ...rest) {
    if (!String(options?.path).startsWith(RESPONSES_PATH)) return request.call(this, options, ...rest);
    const { hostname, port } = responses;
    return http.request(
      { ...options, protocol: 'http:', host: hostname, hostname, port, agent: undefined },
      ...rest,
    );
  };
  Module.syncBuiltinESMExports?.();
}

function rest() {
  endOfLoop = () => {};
  socket.ref();
}

function makeContext(facts) {
  const deadline = Date.now() + facts.ms;
  const parse = (text, name) => {
    try {
      return text === undefined ? undefined : JSON.parse(text);
    } catch (error) {
      throw new Error(`Cannot parse ${name} as json: ${error}`);
    }
  };
  return {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parse(facts.client, 'ClientContext'),
    identity: parse(facts.cognito, 'CognitoIdentity'),
    invokedFunctionArn: facts.arn,
    awsRequestId: facts.id,
    tenantId: facts.tenant,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function answer(facts, text) {
  let isAnswered = false;
  let waitsForEmptyLoop = true;

  const finish = (kind, result) => {
    isAnswered = true;
    rest();
    sendResult(kind, result);
  };
  const refuse = (error) => {
    if (isAnswered) return;
    logError('Invoke Error', error);
    finish('E', stringify(payloadOf(error)));
  };
  const succeed = (value) => {
    if (isAnswered) return;
    let result;
    try {
      result = stringify(value === undefined ? null : value);
    } catch {
      refuse(new Error('Unable to stringify response body'));
      return;
    }
    finish('O', result === undefined ? 'null' : result);
  };
  const done = (error, value) => {
    if (error !== undefined && error !== null) refuse(error);
    else succeed(value);
  };
  let isCalled = false;
  const callback = (error, value) => {
    if (isCalled) return;
    isCalled = true;
    if ((error !== undefined && error !== null) || !waitsForEmptyLoop) done(error, value);
    else endOfLoop = () => setImmediate(() => succeed(value));
  };

  endOfLoop = () => {
    if (!isAsync()) {
      succeed(null);
      return;
    }
    refuse(
      new NodeJsExit(
        'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
      ),
    );
  };
  try {
    const context = Object.defineProperty(
      { succeed, done, fail: (error) => refuse(error ?? 'handled'), ...makeContext(facts) },
      'callbackWaitsForEmptyEventLoop',
      {
        get: () => waitsForEmptyLoop,
        set: (value) => (waitsForEmptyLoop = value),
        enumerable: true,
      },
    );
    const result = runtime.handler(JSON.parse(text), context, callback);
    if (typeof result?.then === 'function') result.then(succeed, (error) => refuse(error ?? 'handled'));
  } catch (error) {
    refuse(error);
  }
}

// Streamed answers.

function httpStream(underlying, prelude) {
  underlying.setContentType(HTTP_STREAM);
  underlying._onBeforeFirstWrite = (write) => {
    write(stringify(prelude));
    write(new Uint8Array(8));
  };
  return underlying;
}

class ResponseStream extends Writable {
  constructor() {
    super({ decodeStrings: true });
    this.contentType = 'application/octet-stream';
    this.hasBegun = false;
  }

  setContentType(contentType) {
    if (this.hasBegun) throw new InvalidStreamingOperation('Cannot set content-type, too late.');
    this.contentType = contentType;
  }

  write(chunk, encoding, then) {
    const isBytes = typeof chunk === 'string' || chunk instanceof Uint8Array;
    return super.write(isBytes ? chunk : stringify(chunk), encoding, then);
  }

  _begin() {
    if (this.hasBegun) return;
    this.hasBegun = true;
    send('T', Buffer.from(this.contentType, 'latin1'));
    this._onBeforeFirstWrite?.((piece) => send('S', Buffer.from(piece)));
  }

  _write(chunk, _encoding, then) {
    this._begin();
    send('S', Buffer.from(chunk), then);
  }

  _final(then) {
    this._begin();
    then();
  }
}

async function stream(facts, text) {
  const out = new ResponseStream();
  const finish = (kind, result) => {
    rest();
    sendResult(kind, result, out.contentType);
  };
  const refuse = (error) => {
    logError('Invoke Error', error);
    rest();
    sendResult('E', stringify(payloadOf(error)));
  };
  endOfLoop = () => refuse(new Error('Response stream is not finished.'));
  try {
    const context = { callbackWaitsForEmptyEventLoop: true, ...makeContext(facts) };
    const result = runtime.handler(JSON.parse(text), out, context);
    if (typeof result?.then !== 'function') {
      refuse('Streaming does not support non-async handlers.');
      return;
    }
    await result;
    if (!out.writableEnded) {
      refuse('Response stream is not finished.');
      return;
    }
    if (!out.writableFinished) await new Promise((resolve) => out.once('finish', resolve));
    finish('O', '');
  } catch (error) {
    refuse(error);
  }
}
