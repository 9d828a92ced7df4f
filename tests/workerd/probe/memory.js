// Has to be imported before the Worker: keeps every wasm instance that its glue makes, and with it its memory.
export const instances = [];

const Instance = WebAssembly.Instance;
WebAssembly.Instance = class extends Instance {
  constructor(module, imports) {
    super(module, imports);
    instances.push(this);
  }
};
