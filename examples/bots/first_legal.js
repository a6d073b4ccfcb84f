// The bot of first_legal.py in JavaScript: it takes the first legal action.
//
// Play it: arena tournament openspiel/tic_tac_toe random "process:node examples/bots/first_legal.js"

const readline = require("node:readline");

function choose(request) {
  return request.legal ? request.legal[0] : 0;
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line);
  if (message.type === "hello") {
    console.log(JSON.stringify({ type: "ready", protocol: 1, name: "first legal" }));
  } else if (message.type === "act") {
    console.log(JSON.stringify({ id: message.id, action: choose(message) }));
  } else {
    process.exit(0); // bye
  }
});
