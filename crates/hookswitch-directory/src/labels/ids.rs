//! For each rank the ids of its labels.
//!
//! ```text
//! ids     = segment* codes index footer
//! segment = its frequent ids (4 bytes each), group*
//! group   = first ranks and ends of its blocks (see `pack`), then their events
//! index   = static tree over first ranks; second word: where the frequent ids are
//! ```

use std::sync::Arc;

use super::IDS_MAGIC;
use super::code::{Decoder, Event, HOT, Kind, RUN_MAX, bits_of};
use crate::bytes::u32_at;
use crate::pack::bits::{BitWriter, get};
use crate::pack::footer::FormatError;
use crate::pack::group::{self, BLOCKS, Group};
use crate::pack::packed::{Packed, PackedWriter};

/// Numbers of one block before its first run.
const BLOCK: usize = 96;

/// Events of one segment, after which it is closed at the next block.
const SEGMENT: usize = 1 << 16;

/// A frequent label has to come so often in its segment.
const HOT_LEAST: usize = 6;

/// The stream of ids being written.
#[derive(Debug)]
pub(super) struct IdsBuilder {
    writer: PackedWriter<1>,
    numbers: u64,
    /// The labels of the last number.
    last: Vec<u32>,
    run: u64,
    events: Vec<Event>,
    /// First rank and first event of each block.
    blocks: Vec<(u64, usize)>,
    in_block: usize,
}

impl IdsBuilder {
    pub(super) fn new() -> Self {
        Self {
            writer: PackedWriter::new(false, true),
            numbers: 0,
            last: Vec::new(),
            run: 0,
            events: Vec::new(),
            blocks: Vec::new(),
            in_block: BLOCK,
        }
    }

    /// The next `count` numbers have these labels.
    pub(super) fn push(&mut self, ids: &[u32], count: u64) {
        if ids == self.last {
            self.run += count;
        } else {
            self.flush_run();
            if self.in_block >= BLOCK {
                if self.events.len() >= SEGMENT {
                    self.close_segment();
                }
                self.blocks.push((self.numbers, self.events.len()));
                self.in_block = 0;
            }
            for (place, id) in ids.iter().enumerate() {
                if place + 1 < ids.len() {
                    self.events.push(Event::More);
                }
                self.events.push(Event::Id(*id));
            }
            self.in_block += 1;
            self.last.clear();
            self.last.extend_from_slice(ids);
            self.run = count - 1;
        }
        self.numbers += count;
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        self.writer.take()
    }

    pub(super) fn ready(&self) -> usize {
        self.writer.out.len()
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.flush_run();
        self.close_segment();
        self.writer.finish(IDS_MAGIC, self.numbers, 0)
    }

    fn flush_run(&mut self) {
        let mut run = core::mem::take(&mut self.run);
        while run > 0 {
            let part = run.min(RUN_MAX);
            self.events.push(Event::Run(part));
            self.in_block += 1;
            run -= part;
        }
    }

    fn close_segment(&mut self) {
        let writer = &mut self.writer;
        let hot = frequent(&self.events);
        let hot_at = writer.taken() + writer.out.len() as u64;
        for id in &hot {
            writer.out.extend_from_slice(&id.to_le_bytes());
        }
        let counts = symbols_of_frequent(&mut self.events, &hot);
        let table = writer.tables.choose(&counts);
        let codes = writer.tables.codes(table);
        let (mut payload, mut front) = (BitWriter::default(), BitWriter::default());
        let mut written = Vec::with_capacity(BLOCKS);
        let mut next = 0;
        while next < self.blocks.len() {
            let behind = (next + BLOCKS).min(self.blocks.len());
            written.clear();
            for at in next..behind {
                let (key, begin) = self.blocks[at];
                let end = self.blocks.get(at + 1);
                let end = end.map_or(self.events.len(), |(_, event)| *event);
                for event in &self.events[begin..end] {
                    let (symbol, rest, rest_bits) = event.coded();
                    let (code, length) = bits_of(codes, 0, symbol);
                    payload.put(code | rest << length, length + rest_bits);
                }
                let end = payload.len() as u64;
                written.push(group::Block { key, count: 0, end });
            }
            let offset = writer.taken() + writer.out.len() as u64;
            writer.index.add(written[0].key, offset, table, hot_at);
            group::write(&written, false, &mut front);
            front.drain_into(&mut writer.out);
            payload.drain_into(&mut writer.out);
            next = behind;
        }
        self.events.clear();
        self.blocks.clear();
        self.last.clear();
        self.in_block = BLOCK;
    }
}

/// The ids that come most often, at most [`HOT`] of them.
fn frequent(events: &[Event]) -> Vec<u32> {
    let id_of = |event: &Event| match event {
        Event::Id(id) => Some(*id),
        Event::Hot(_) | Event::More | Event::Run(_) => None,
    };
    let mut ids: Vec<u32> = events.iter().filter_map(id_of).collect();
    ids.sort_unstable();
    let mut counted: Vec<(usize, u32)> = ids
        .chunk_by(|a, b| a == b)
        .filter(|same| same.len() >= HOT_LEAST)
        .map(|same| (same.len(), same[0]))
        .collect();
    counted.sort_unstable_by(|a, b| b.cmp(a));
    counted.truncate(HOT);
    counted.into_iter().map(|(_, id)| id).collect()
}

/// Puts the places of frequent ids for the ids; counts symbols.
fn symbols_of_frequent(events: &mut [Event], hot: &[u32]) -> Box<[[u32; 192]; 1]> {
    let mut places: Vec<(u32, u8)> = (0u8..).zip(hot).map(|(place, id)| (*id, place)).collect();
    places.sort_unstable();
    let mut counts = Box::new([[0; _]; _]);
    for event in events {
        if let Event::Id(id) = event
            && let Ok(at) = places.binary_search_by_key(id, |(id, _)| *id)
        {
            *event = Event::Hot(places[at].1);
        }
        counts[0][usize::from(event.coded().0)] += 1;
    }
    counts
}

/// The stream of ids in bytes.
#[derive(Clone, Debug)]
pub(super) struct Ids<'a> {
    pub(super) packed: Packed<'a>,
    pub(super) decoders: Arc<[Decoder]>,
}

/// A place in the stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'d> {
    bytes: &'d [u8],
    hot: &'d [u8],
    decoder: &'d Decoder,
    at: usize,
    end: usize,
}

impl<'a> Ids<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let packed = Packed::open::<1>(bytes, IDS_MAGIC, |_| true)?;
        let decoders: Option<Arc<[_]>> = packed
            .codes::<1>()
            .map(|[lengths]| Decoder::of(&lengths))
            .collect();
        Ok(Self {
            packed,
            decoders: decoders.ok_or(FormatError::Damaged)?,
        })
    }

    /// Tells the ids of the number with this rank, in order.
    pub(super) fn visit(&self, rank: u64, visit: &mut dyn FnMut(u32)) {
        self.try_visit(rank, visit);
    }

    fn try_visit(&self, rank: u64, visit: &mut dyn FnMut(u32)) -> Option<()> {
        let place = self.packed.index.find(rank)?;
        let (group, mut cursor) = self.group(place.number)?;
        let block = group.find(rank - place.head);
        (cursor.at, cursor.end) = group.span(block);
        let mut next = place.head.wrapping_add(group.key(block));
        let mut list = cursor;
        while cursor.at < cursor.end && next <= rank {
            let begin = cursor;
            match cursor.pass()? {
                0 => {
                    list = begin;
                    next = next.saturating_add(1);
                }
                more => next = next.saturating_add(more),
            }
        }
        if next > rank {
            list.list(visit)?;
        }
        Some(())
    }

    /// A group and a cursor in it, which has to be put at a block.
    pub(super) fn group(&self, number: usize) -> Option<(Group<'a>, Cursor<'_>)> {
        let place = self.packed.index.place(number)?;
        let bytes = self.packed.body.get(place.offset..)?;
        let hot = usize::try_from(place.extra).ok()?;
        let cursor = Cursor {
            bytes,
            hot: self.packed.body.get(hot..)?,
            decoder: self.decoders.get(place.table)?,
            at: 0,
            end: 0,
        };
        Some((Group::open(bytes, false), cursor))
    }
}

impl Cursor<'_> {
    /// Puts it at a block of the group.
    pub(super) fn enter(&mut self, group: &Group<'_>, block: usize) {
        (self.at, self.end) = group.span(block);
    }

    /// The next event; `None` at the end of the block.
    #[inline]
    pub(super) fn event(&mut self) -> Option<Event> {
        if self.at >= self.end {
            return None;
        }
        let event = self.decoder.event(self.bytes, &mut self.at)?;
        Some(match event {
            Event::Hot(place) => Event::Id(u32_at(self.hot, usize::from(place) * 4)),
            Event::Id(_) | Event::More | Event::Run(_) => event,
        })
    }

    /// Goes past the labels of one number, or past a run: then how long it is.
    #[inline]
    fn pass(&mut self) -> Option<u64> {
        loop {
            match Kind::of(self.decoder.symbol(self.bytes, &mut self.at)?) {
                Kind::Id(bits) => {
                    self.at += bits as usize;
                    return Some(0);
                }
                Kind::More => match Kind::of(self.decoder.symbol(self.bytes, &mut self.at)?) {
                    Kind::Id(bits) => self.at += bits as usize,
                    Kind::More | Kind::Run(_) | Kind::None => return None,
                },
                Kind::Run(bits) => {
                    let more = get(self.bytes, self.at, bits);
                    self.at += bits as usize;
                    return Some((1 << bits) + more);
                }
                Kind::None => return None,
            }
        }
    }

    /// The labels of one number.
    fn list(&mut self, visit: &mut dyn FnMut(u32)) -> Option<()> {
        loop {
            let event = self.event()?;
            let id = match event {
                Event::More => self.event()?,
                Event::Id(_) | Event::Hot(_) | Event::Run(_) => event,
            };
            let Event::Id(id) = id else { return None };
            visit(id);
            if event != Event::More {
                return Some(());
            }
        }
    }

    /// The labels of the next number and how many have them, joined over runs; `None` at the end
    /// of the block.
    pub(super) fn next_list(&mut self, ids: &mut Vec<u32>) -> Option<u64> {
        ids.clear();
        self.list(&mut |id| ids.push(id))?;
        let mut count = 1u64;
        loop {
            let before = *self;
            match self.event() {
                Some(Event::Run(more)) => count = count.saturating_add(more),
                Some(Event::Id(_) | Event::Hot(_) | Event::More) | None => {
                    *self = before;
                    return Some(count);
                }
            }
        }
    }
}
