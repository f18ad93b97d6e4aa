// Starts kinesalite on a free port; its own command line takes port 0 for 4567.
require('kinesalite')({ shardLimit: 1000, createStreamMs: 10, deleteStreamMs: 10, updateStreamMs: 200 }).listen(0);
