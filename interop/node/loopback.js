// Loaded before a server (node -r): keeps every socket it opens on the loopback interface, says on standard output where each
// is bound ("bound PORT"), and kills the process when its standard input ends, so that no server outlives the test that started
// it. (kinesis-local would take 30 seconds for a graceful exit while a client keeps a connection open.)
const net = require('net');
const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (...args) {
  const [first] = args;
  if (first !== null && typeof first === 'object' && 'port' in first) {
    args[0] = { ...first, host: '127.0.0.1' };
  } else if (/^\d+$/.test(String(first))) {
    args.splice(1, typeof args[1] === 'string' ? 1 : 0, '127.0.0.1');
  } else {
    throw new Error(`listen(${String(first)}): neither a port nor options with one`);
  }
  this.once('listening', () => console.log(`bound ${this.address().port}`));
  return listen.apply(this, args);
};

process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume();
