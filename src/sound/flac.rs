//! FLAC of one channel with 16 bits: each block predicted from its last samples, what is left of it in Rice codes.
//! <https://www.rfc-editor.org/rfc/rfc9639>

mod bits;

use bits::Bits;

/// Samples of a block, and its parts, each with a Rice parameter of its own: usual sizes for speech.
const BLOCK: usize = 4096;
const PARTS_LOG2: u32 = 4;
/// The largest parameter of four bits; the one above means something else.
const MAX_RICE: u32 = 14;
/// The highest order of the fixed predictors that is worth trying for speech.
const MAX_ORDER: usize = 3;

/// A file, from little-endian samples. An odd byte at the end is half a sample, and none.
pub fn encode(samples: &[u8], rate: u32) -> Vec<u8> {
    let samples: Vec<i32> = samples
        .as_chunks()
        .0
        .iter()
        .map(|sample| i32::from(i16::from_le_bytes(*sample)))
        .collect();
    let mut file = head(samples.len(), rate);
    for (number, block) in (0..).zip(samples.chunks(BLOCK)) {
        file.extend(frame(number, block));
    }
    file
}

/// The mark, and the one block of metadata there must be. Its digest of the samples may be left out: zeros.
fn head(samples: usize, rate: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.write(0x664c_6143, 32);
    bits.write(0x80, 8);
    bits.write(34, 24);
    for _ in 0..2 {
        bits.write(BLOCK as u64, 16);
    }
    // The sizes of frames are not told.
    bits.write(0, 48);
    bits.write(u64::from(rate), 20);
    bits.write(0, 3);
    bits.write(15, 5);
    bits.write(samples as u64, 36);
    for _ in 0..4 {
        bits.write(0, 32);
    }
    bits.into_bytes()
}

fn frame(number: u64, block: &[i32]) -> Vec<u8> {
    let mut bits = Bits::default();
    let is_full = block.len() == BLOCK;
    bits.write(0xfff8, 16);
    bits.write(if is_full { 0b1100 } else { 0b0111 }, 4);
    // Rate: as in the head. Channels: one. Sample: 16 bits.
    bits.write(0b0000_0000_1000, 12);
    bits.write_number(number);
    if !is_full {
        bits.write(block.len().saturating_sub(1) as u64, 16);
    }
    bits.write_check8();
    subframe(&mut bits, block);
    bits.fill_byte();
    bits.write_check16();
    bits.into_bytes()
}

fn subframe(bits: &mut Bits, block: &[i32]) {
    // Decoders want at least one sample that is predicted.
    let orders = 0..=MAX_ORDER.min(block.len().saturating_sub(1));
    let rests = orders.map(|order| rest_of(block, order));
    let cost =
        |rest: &Vec<i32>| -> u64 { rest.iter().map(|it| u64::from(it.unsigned_abs())).sum() };
    let best = rests.enumerate().min_by_key(|(_, rest)| cost(rest));
    let (order, rest) = best.unwrap_or_default();
    bits.write(0b001_000 << 1 | (order as u64) << 1, 8);
    for sample in block.iter().take(order) {
        bits.write_signed(*sample, 16);
    }
    rice(bits, &rest, order, block.len());
}

/// What a predictor of that order gets wrong: it continues a line (1), a parabola (2), ... through the last samples.
fn rest_of(block: &[i32], order: usize) -> Vec<i32> {
    let mut rest = block.to_vec();
    for _ in 0..order {
        rest = rest
            .windows(2)
            .filter_map(|pair| match pair {
                [before, after] => Some(after - before),
                _ => None,
            })
            .collect();
    }
    rest
}

fn rice(bits: &mut Bits, rest: &[i32], order: usize, samples: usize) {
    let parts_log2 = if samples == BLOCK { PARTS_LOG2 } else { 0 };
    let part = samples >> parts_log2;
    bits.write(0, 2);
    bits.write(u64::from(parts_log2), 4);
    // The first part lacks the samples that stand there as they are.
    let (first, others) = rest.split_at_checked(part - order).unwrap_or((rest, &[]));
    let parts = std::iter::once(first).chain(others.chunks(part.max(1)));
    for part in parts {
        let folded = part.iter().map(|it| u64::from(fold(*it)));
        let parameter = parameter(folded.clone().sum(), part.len() as u64);
        bits.write(u64::from(parameter), 4);
        for value in folded {
            bits.write_unary(value >> parameter);
            bits.write(value, parameter);
        }
    }
}

/// Signs go to the last bit: 0, -1, 1, -2, ...
fn fold(value: i32) -> u32 {
    (value << 1 ^ value >> 31).cast_unsigned()
}

/// The number of bits that are written as they are: those below the mean.
fn parameter(sum: u64, count: u64) -> u32 {
    let mean = sum / count.max(1);
    mean.checked_ilog2().unwrap_or(0).min(MAX_RICE)
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "sounds are made within 16 bits"
)]
mod tests {
    use super::encode;

    /// A decoder of what this encoder writes, and no more.
    struct Reader<'a> {
        bytes: &'a [u8],
        at: usize,
    }

    impl Reader<'_> {
        fn take(&mut self, count: usize) -> u64 {
            let bits = self.at..self.at + count;
            self.at += count;
            bits.fold(0, |value, at| {
                value << 1 | u64::from(self.bytes[at / 8] >> (7 - at % 8) & 1)
            })
        }

        fn signed(&mut self) -> i32 {
            i32::from(i16::from_be_bytes(
                u16::try_from(self.take(16)).unwrap().to_be_bytes(),
            ))
        }

        fn unary(&mut self) -> u64 {
            let mut zeros = 0;
            while self.take(1) == 0 {
                zeros += 1;
            }
            zeros
        }

        fn frame(&mut self) -> Vec<i32> {
            assert_eq!(self.take(16), 0xfff8);
            let is_full = self.take(4) == 0b1100;
            assert_eq!(self.take(12), 8);
            if self.take(1) == 1 {
                let mut more = 0;
                while self.take(1) == 1 {
                    more += 1;
                }
                self.take(6 - more + 8 * more);
            } else {
                self.take(7);
            }
            let samples = if is_full {
                4096
            } else {
                usize::try_from(self.take(16)).unwrap() + 1
            };
            self.take(8);
            let samples = self.subframe(samples);
            self.at = self.at.next_multiple_of(8) + 16;
            samples
        }

        fn subframe(&mut self, samples: usize) -> Vec<i32> {
            let order = usize::try_from(self.take(8) >> 1 & 7).unwrap();
            let mut block: Vec<i32> = (0..order).map(|_| self.signed()).collect();
            assert_eq!(self.take(2), 0);
            let parts = 1 << self.take(4);
            for part in 0..parts {
                let parameter = usize::try_from(self.take(4)).unwrap();
                let lacking = if part == 0 { order } else { 0 };
                for _ in lacking..samples / parts {
                    let folded = self.unary() << parameter | self.take(parameter);
                    let rest =
                        i64::try_from(folded >> 1).unwrap() ^ -i64::try_from(folded & 1).unwrap();
                    let last = |back: usize| i64::from(block[block.len() - back]);
                    let predicted = match order {
                        0 => 0,
                        1 => last(1),
                        2 => 2 * last(1) - last(2),
                        _ => 3 * last(1) - 3 * last(2) + last(3),
                    };
                    block.push(i32::try_from(rest + predicted).unwrap());
                }
            }
            block
        }
    }

    fn decoded(file: &[u8], samples: usize) -> Vec<i32> {
        let mut reader = Reader {
            bytes: file,
            at: 42 * 8,
        };
        let mut decoded = Vec::new();
        while decoded.len() < samples {
            decoded.extend(reader.frame());
        }
        assert_eq!(reader.at, file.len() * 8);
        decoded
    }

    #[test]
    fn what_is_written_is_what_was_said() {
        let noise = |at: i32| at.wrapping_mul(1_103_515_245).wrapping_add(12_345) >> 16;
        let tone = |at: i32| (f64::from(at) / 20.0).sin() * 20_000.0;
        let sounds: [(&str, usize, Vec<i16>); 8] = [
            ("nothing", 0, Vec::new()),
            ("one", 1, vec![-5]),
            ("two", 2, vec![9, 9]),
            ("one more than a block", 4097, vec![1; 4097]),
            ("silence", 5000, vec![0; 5000]),
            ("extremes", 4100, [i16::MIN, i16::MAX].repeat(2050)),
            (
                "noise",
                9000,
                (0..9000).map(|at| noise(at) as i16).collect(),
            ),
            (
                "tone",
                600_000,
                (0..600_000).map(|at| tone(at) as i16).collect(),
            ),
        ];
        for (name, samples, sound) in sounds {
            let bytes: Vec<u8> = sound.iter().flat_map(|it| it.to_le_bytes()).collect();
            let file = encode(&bytes, 24_000);
            assert!(file.starts_with(b"fLaC\x80\0\0\x22\x10\0\x10\0"), "{name}");
            let wanted: Vec<i32> = sound.into_iter().map(i32::from).collect();
            assert!(decoded(&file, samples) == wanted, "{name}");
        }
    }

    #[test]
    fn a_tone_becomes_smaller() {
        let tone: Vec<u8> = (0..24_000)
            .map(|at| (f64::from(at) / 20.0).sin() * 20_000.0)
            .flat_map(|sample| (sample as i16).to_le_bytes())
            .collect();
        assert!(encode(&tone, 24_000).len() * 2 < tone.len());
    }
}
