// The Node peers, each as its documentation shows it: node node_peers.js CONTENDER WORKSHOP OUT COUNT [ROWS]
"use strict";
const fs = require("fs");
const path = require("path");
const [name, workshop, out, count, rows] = process.argv.slice(2);
const modules = path.join(workshop, "..", "node", "node_modules");
const load = (module) => require(path.join(modules, module));
const versionOf = (module) => JSON.parse(fs.readFileSync(path.join(modules, module, "package.json"))).version;
const data = JSON.parse(fs.readFileSync(path.join(workshop, "data.json")));
const members = () =>
  Array.from({ length: Number(rows) }, (_, i) => ({ ...data.members[i % data.members.length], serial: i + 1 }));

// docxtemplater's image module is paid: the photo is put into the zip by hand.
function docxtemplater(form, record) {
  const PizZip = load("pizzip");
  const Docxtemplater = load("docxtemplater");
  const template = fs.readFileSync(path.join(workshop, `${form}-docxtemplater.docx`));
  const photo = fs.readFileSync(path.join(workshop, "photo.jpg"));
  return (number, file) => {
    const zip = new PizZip(template);
    const document = new Docxtemplater(zip, { paragraphLoop: true, linebreaks: true });
    document.render(record(number));
    if (form === "candidate") document.getZip().file("word/media/photo.jpg", photo);
    fs.writeFileSync(file, document.getZip().generate({ type: "nodebuffer", compression: "DEFLATE" }));
  };
}

// carbone has pictures in its paid edition only.
function carbone(form, record) {
  const tool = load("carbone");
  const template = path.join(workshop, `${form}-carbone.docx`);
  return (number, file) =>
    new Promise((resolve, reject) =>
      tool.render(template, record(number), (error, result) => {
        if (error) return reject(error);
        fs.writeFileSync(file, result);
        resolve();
      }),
    );
}

const candidate = (number) => data.candidates[number % data.candidates.length];
const list = rows ? { members: members() } : {};
const contenders = {
  "docxtemplater-candidate": () => [docxtemplater("candidate", candidate), "docxtemplater"],
  "docxtemplater-staff": () => [docxtemplater("staff", () => list), "docxtemplater"],
  "carbone-candidate": () => [carbone("candidate", candidate), "carbone"],
  "carbone-staff": () => [carbone("staff", () => list), "carbone"],
};

(async () => {
  const [make, module] = contenders[name]();
  const before = process.resourceUsage().maxRSS / 1000;
  // V8 compiles what runs often: give it the time.
  for (let i = 0; i < Math.min(20, Number(count)); i++) await make(i, path.join(out, `${name}-warm.docx`));
  // In blocks, of which the quickest counts, as measure.py does it.
  const blocks = 8;
  const took = [];
  for (let block = 0; block < blocks; block++) {
    const start = process.cpuUsage();
    const began = process.hrtime.bigint();
    let done = 0;
    for (let i = block; i < Number(count); i += blocks, done++) await make(i, path.join(out, `${name}-${i}.docx`));
    const clock = Number(process.hrtime.bigint() - began) / 1e6 / done;
    const used = process.cpuUsage(start);
    // Its collector works in threads of its own: the clock counts where that is less.
    took.push(Math.min((used.user + used.system) / 1000 / done, clock));
  }
  const ms = Math.min(...took);
  const peak = process.resourceUsage().maxRSS / 1000;
  console.log(JSON.stringify({ ms, before, peak, version: versionOf(module) }));
  process.exit(0);
})();
