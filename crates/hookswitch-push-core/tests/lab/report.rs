//! What a run showed, and what must hold.

use std::fmt;

#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Pushes that were sent.
    pub pushes: u64,
    /// Callbacks that began.
    pub begun: u64,
    /// Callbacks that began after E.
    pub late: u64,
    /// Pushes whose life met a fault.
    pub risky: u64,
    /// Pushes that met no fault, and how many of them were delivered.
    pub healthy: (u64, u64),
    /// Dated pushes whose faults ended well before E, and how many of them were delivered.
    pub survivors: (u64, u64),
    /// What was broken, in words.
    pub broken: Vec<String>,
    /// What should have been delivered and was not.
    pub undelivered: Vec<String>,
}

impl Report {
    pub fn add(&mut self, other: Self) {
        self.pushes += other.pushes;
        self.begun += other.begun;
        self.late += other.late;
        self.risky += other.risky;
        self.healthy.0 += other.healthy.0;
        self.healthy.1 += other.healthy.1;
        self.survivors.0 += other.survivors.0;
        self.survivors.1 += other.survivors.1;
        self.broken.extend(other.broken);
        self.undelivered.extend(other.undelivered);
    }

    #[track_caller]
    pub fn check_safety(&self) {
        let first: Vec<_> = self.broken.iter().take(8).collect();
        assert!(self.broken.is_empty(), "{first:#?}\n{self}");
        assert_eq!(self.late, 0, "{self}");
    }

    #[track_caller]
    pub fn check(&self) {
        self.check_safety();
        for what in self.undelivered.iter().take(20) {
            println!("not delivered: {what}");
        }
        let (healthy, delivered) = self.healthy;
        assert!(
            healthy > 0 && delivered * 1_000 >= healthy * 999,
            "99.9 %: {self}"
        );
        let (survivors, delivered) = self.survivors;
        assert!(
            survivors > 0 && delivered * 100 >= survivors * 99,
            "99 %: {self}"
        );
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pushes,
            begun,
            late,
            risky,
            healthy,
            survivors,
            ..
        } = self;
        write!(
            f,
            "{pushes} pushes, {begun} callbacks, {late} late, {risky} met a fault; "
        )?;
        write!(f, "healthy {}/{}; ", healthy.1, healthy.0)?;
        write!(f, "outlived their faults {}/{}", survivors.1, survivors.0)
    }
}
