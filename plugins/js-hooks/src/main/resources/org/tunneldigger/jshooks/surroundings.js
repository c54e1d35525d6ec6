// SPDX-License-Identifier: Apache-2.0
// What a script finds when its first line runs: on, log, net and config. The function is called with the host's ends of them and
// returns to the host what it needs. Whatever the host hands in stays in here: a script sees JavaScript's own values alone.
(function (hookNames, verbNames, callVerb, writeLine, settings) {
  "use strict";
  const { create, defineProperty, freeze } = Object;
  const { stringify } = JSON;
  const text = String;
  const PromiseAtFirst = Promise;
  const isPromise = (value) => value instanceof PromiseAtFirst;

  // The language's own globals stay, and printing. What the engine adds (load, Java, Graal, …) has no use here and goes, also
  // what a later engine may add. Atomics would let a script wait for ever.
  const kept = [
    "globalThis Infinity NaN undefined eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI",
    "encodeURIComponent escape unescape Object Function Array String Number Boolean Symbol BigInt Math JSON Date RegExp",
    "Reflect Proxy Promise Iterator Map Set WeakMap WeakSet WeakRef FinalizationRegistry Error AggregateError EvalError",
    "RangeError ReferenceError SyntaxError SuppressedError TypeError URIError ArrayBuffer DataView Int8Array Uint8Array",
    "Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array",
    "BigUint64Array Intl console print printErr",
  ].join(" ").split(" ");
  for (const name of Reflect.ownKeys(globalThis)) {
    if (!kept.includes(name)) {
      delete globalThis[name];
    }
  }

  class NetworkError extends Error {
    constructor(message, code) {
      super(message);
      this.code = code;
    }
  }
  defineProperty(NetworkError.prototype, "name", { value: "NetworkError" });

  const handlers = create(null);
  let loading = true;

  function on(hook, handler) {
    if (!loading) {
      throw new Error("on: handlers are registered while the script is loaded, not later");
    }
    if (!hookNames.split(" ").includes(hook)) {
      throw new TypeError("on: there is no hook '" + text(hook) + "', there are " + hookNames);
    }
    if (typeof handler !== "function") {
      throw new TypeError("on: the handler of " + hook + " is no function");
    }
    if (handlers[hook]) {
      throw new Error("on: " + hook + " has a handler in this file already");
    }
    handlers[hook] = handler;
  }

  function inWords(value) {
    if (typeof value === "object" && value !== null && !(value instanceof Error)) {
      try {
        return stringify(value);
      } catch (e) {
        // circular: told as String tells it
      }
    }
    return text(value);
  }

  const log = {};
  for (const level of ["debug", "info", "warn", "error"]) {
    log[level] = (...parts) => writeLine(level, parts.map(inWords).join(" "));
  }

  const net = {};
  for (const verb of verbNames.split(" ")) {
    net[verb] = (...values) => {
      const answer = callVerb(verb, ...values);
      if (answer === null || typeof answer === "string") {
        return answer;
      }
      const message = answer[0];
      throw answer[1] === "" ? new TypeError(message) : new NetworkError(message, answer[1]);
    };
  }

  // Of names and values in turn. A map may have any name, "__proto__" too, so it has no prototype.
  function fill(object, pairs) {
    for (let i = 0; i < pairs.length; i += 2) {
      object[pairs[i]] = pairs[i + 1];
    }
    return freeze(object);
  }
  const object = (...pairs) => fill({}, pairs);
  const map = (...pairs) => fill(create(null), pairs);
  const list = (...items) => freeze(items);

  const visible = { on, log: freeze(log), net: freeze(net), config: settings(map) };
  for (const name of ["on", "log", "net", "config"]) {
    defineProperty(globalThis, name, { value: visible[name], enumerable: true });
  }
  const loaded = () => {
    loading = false;
    return handlers;
  };
  return { object, map, list, isPromise, loaded };
});
