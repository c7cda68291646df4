// Five bodies under gravity: the algorithm of programs/nbody.nos as one writes it in plain JavaScript, an array made anew
// each step of objects made anew.
const STEPS = 400000;
const SOLAR_MASS = 4 * Math.PI * Math.PI;
const DAYS_PER_YEAR = 365.24;

const body = (x, y, z, vx, vy, vz, mass) => ({ x, y, z, vx, vy, vz, mass });

const bodies = () => [
  body(0, 0, 0, 0, 0, 0, SOLAR_MASS),
  body(
    4.84143144246472,
    -1.1603200440274284,
    -0.10362204447112311,
    0.001660076642744037 * DAYS_PER_YEAR,
    0.007699011184197404 * DAYS_PER_YEAR,
    -0.0000690460016972063 * DAYS_PER_YEAR,
    0.0009547919384243266 * SOLAR_MASS,
  ),
  body(
    8.34336671824458,
    4.124798564124305,
    -0.4035234171143214,
    -0.002767425107264110 * DAYS_PER_YEAR,
    0.004998528012349172 * DAYS_PER_YEAR,
    0.00002304172975737639 * DAYS_PER_YEAR,
    0.0002858859806661308 * SOLAR_MASS,
  ),
  body(
    12.894369562139131,
    -15.111151401698631,
    -0.22330757889265573,
    0.002964601375647616 * DAYS_PER_YEAR,
    0.0023784717395948095 * DAYS_PER_YEAR,
    -0.000029658956854023756 * DAYS_PER_YEAR,
    0.00004366244043351563 * SOLAR_MASS,
  ),
  body(
    15.379697114850917,
    -25.919314609987964,
    0.17925877295037118,
    0.0026806777249038932 * DAYS_PER_YEAR,
    0.001628241700382423 * DAYS_PER_YEAR,
    -0.00009515922545197159 * DAYS_PER_YEAR,
    0.00005151389020466115 * SOLAR_MASS,
  ),
];

/** The sun moves so that the whole stands still. */
function offsetMomentum([sun, ...planets]) {
  let px = 0;
  let py = 0;
  let pz = 0;
  for (const { vx, vy, vz, mass } of planets) {
    px += vx * mass;
    py += vy * mass;
    pz += vz * mass;
  }
  return [{ ...sun, vx: -px / SOLAR_MASS, vy: -py / SOLAR_MASS, vz: -pz / SOLAR_MASS }, ...planets];
}

function energy(system) {
  let sum = 0;
  for (let i = 0; i < system.length; i++) {
    const { x, y, z, vx, vy, vz, mass } = system[i];
    let potential = 0;
    for (let j = i + 1; j < system.length; j++) {
      const dx = x - system[j].x;
      const dy = y - system[j].y;
      const dz = z - system[j].z;
      potential += (mass * system[j].mass) / Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
    sum += 0.5 * mass * (vx * vx + vy * vy + vz * vz) - potential;
  }
  return sum;
}

/** One step: every pair pulls once, then all move. */
function advance(system, dt) {
  let rest = system;
  const moved = [];
  while (rest.length > 0) {
    const { x, y, z, mass } = rest[0];
    let { vx, vy, vz } = rest[0];
    const pulled = [];
    for (let i = 1; i < rest.length; i++) {
      const other = rest[i];
      const dx = x - other.x;
      const dy = y - other.y;
      const dz = z - other.z;
      const squared = dx * dx + dy * dy + dz * dz;
      const mag = dt / (squared * Math.sqrt(squared));
      const m1 = mass * mag;
      const m2 = other.mass * mag;
      vx -= dx * m2;
      vy -= dy * m2;
      vz -= dz * m2;
      pulled.push(body(other.x, other.y, other.z, other.vx + dx * m1, other.vy + dy * m1, other.vz + dz * m1, other.mass));
    }
    moved.push(body(x + dt * vx, y + dt * vy, z + dt * vz, vx, vy, vz, mass));
    rest = pulled;
  }
  return moved;
}

const billionths = (e) => Math.round(e * 1e9);

const start = process.hrtime.bigint();
let system = offsetMomentum(bodies());
console.log(billionths(energy(system)));
for (let n = STEPS; n > 0; n--) system = advance(system, 0.01);
console.log(billionths(energy(system)));
console.log(`main ${(process.hrtime.bigint() - start) / 1000n} us`);
