//! Made-up sets of phone numbers in three shapes.

/// A small generator of pseudo-random numbers (SplitMix64).
pub struct Rng(u64);

impl Rng {
    /// Starts at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.draw()) * end as u128) >> 64) as usize
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// An index below `end` by a power law: the chance of rank r is about r^-s.
    pub fn power(&mut self, end: usize, s: f64) -> usize {
        let top = (end as f64).powf(1.0 - s);
        let rank = (1.0 + self.unit() * (top - 1.0)).powf(1.0 / (1.0 - s));
        (rank as usize - 1).min(end - 1)
    }
}

/// How numbers are spread.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Like a directory: countries, areas, blocks of 10,000, some extensions of companies.
    Dir,
    /// Mostly whole ranges, as number plans and block lists with patterns have.
    Range,
    /// Evenly below 10^11: the worst case.
    Uniform,
}

/// Calling codes and digits of the national number behind the area.
const COUNTRIES: [(u64, u64, usize); 14] = [
    (1, 10, 380),
    (44, 10, 200),
    (33, 9, 90),
    (49, 10, 300),
    (48, 9, 100),
    (39, 10, 120),
    (34, 9, 80),
    (31, 9, 60),
    (46, 9, 60),
    (47, 8, 40),
    (61, 9, 60),
    (81, 10, 200),
    (91, 10, 380),
    (55, 11, 67),
];

impl Shape {
    /// Its name in print.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::Range => "range",
            Self::Uniform => "uniform",
        }
    }

    /// About `count` numbers, sorted, without doubles.
    pub fn numbers(self, count: usize, seed: u64) -> Vec<u64> {
        let mut rng = Rng::new(seed);
        let mut list = Vec::with_capacity(count + 1000);
        while list.len() < count {
            while list.len() < count {
                match self {
                    Self::Dir => directory(&mut rng, &mut list),
                    Self::Range => range(&mut rng, &mut list),
                    Self::Uniform => list.push(1 + rng.below(100_000_000_000) as u64),
                }
            }
            list.sort_unstable();
            list.dedup();
        }
        list
    }
}

/// Area codes of a country are scattered, but the same in every run.
fn area(country: usize, rank: usize, all: u64) -> u64 {
    let mut rng = Rng::new(((country as u64) << 32) + rank as u64);
    all / 10 + rng.draw() % (all - all / 10)
}

fn block_of(rng: &mut Rng) -> u64 {
    let country = if rng.unit() < 0.7 {
        0
    } else {
        1 + rng.below(13)
    };
    let (code, digits, areas) = COUNTRIES[country];
    let rank = rng.power(areas, 0.55);
    let area = area(country, rank, 1000);
    let blocks = 10u64.pow(digits as u32 - 3 - 4);
    let ranked = rng.power(blocks as usize, 0.40) as u64;
    // The popular blocks are not the first ones.
    let block = ranked.wrapping_mul(7_919).wrapping_add(area * 31) % blocks;
    (code * 10u64.pow(digits as u32)) + area * 10u64.pow(digits as u32 - 3) + block * 10_000
}

fn directory(rng: &mut Rng, list: &mut Vec<u64>) {
    let base = block_of(rng);
    let line = rng.below(10_000) as u64;
    if rng.unit() < 0.012 {
        let size = 10 + rng.below(91) as u64;
        for extension in 0..size {
            if rng.unit() < 0.8 {
                list.push(base + (line + extension) % 10_000);
            }
        }
    } else {
        list.push(base + line);
    }
}

fn range(rng: &mut Rng, list: &mut Vec<u64>) {
    if rng.unit() < 0.000_05 {
        let size = [10_000u64, 100_000, 1_000_000][rng.below(3)];
        let base = block_of(rng) / size * size;
        list.extend(base..base + size);
    } else if rng.unit() < 0.5 {
        directory(rng, list);
    }
}
