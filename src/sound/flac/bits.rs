//! Bits in a row, the highest first.

/// Always `count < 8` between calls.
#[derive(Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// The bits that are no whole byte yet: the lowest `count` of them.
    open: u64,
    count: u32,
}

impl Bits {
    /// The lowest bits of a value: 56 at most.
    pub(super) fn write(&mut self, value: u64, count: u32) {
        self.open = self.open << count | value & ((1 << count) - 1);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes
                .extend(u8::try_from(self.open >> self.count & 255));
        }
    }

    /// In two's complement.
    pub(super) fn write_signed(&mut self, value: i32, count: u32) {
        self.write(u64::from(value.cast_unsigned()), count);
    }

    /// So many zeros and a one.
    pub(super) fn write_unary(&mut self, zeros: u64) {
        let mut left = zeros;
        while left >= 32 {
            self.write(0, 32);
            left -= 32;
        }
        self.write(1, u32::try_from(left + 1).unwrap_or(1));
    }

    /// As UTF-8 writes a character, up to 36 bits of it.
    pub(super) fn write_number(&mut self, number: u64) {
        if number < 0x80 {
            return self.write(number, 8);
        }
        // Each byte behind the first holds six bits; the first has as many ones in front as there are bytes.
        let more = (1..6)
            .find(|more| number < 1 << (5 * more + 6))
            .unwrap_or(6);
        let ones = 0xff_u64 << (7 - more) & 0xff;
        self.write(ones | number >> (6 * more), 8);
        for at in (0..more).rev() {
            self.write(0x80 | number >> (6 * at) & 0x3f, 8);
        }
    }

    pub(super) fn fill_byte(&mut self) {
        if self.count > 0 {
            self.write(0, 8 - self.count);
        }
    }

    /// A checksum of all bytes so far.
    pub(super) fn write_check8(&mut self) {
        let sum = self.bytes.iter().fold(0, |sum, byte| {
            let at = usize::from((sum >> 8 ^ u16::from(*byte)) & 255);
            sum << 8 ^ CHECK_8.get(at).copied().unwrap_or_default()
        });
        self.write(u64::from(sum >> 8), 8);
    }

    pub(super) fn write_check16(&mut self) {
        let sum = self.bytes.iter().fold(0_u16, |sum, byte| {
            let at = usize::from((sum >> 8 ^ u16::from(*byte)) & 255);
            sum << 8 ^ CHECK_16.get(at).copied().unwrap_or_default()
        });
        self.write(u64::from(sum), 16);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Cyclic redundancy checks by the polynomials of FLAC; that of eight bits stands in the upper half.
static CHECK_8: [u16; 256] = checks(0x0700);
static CHECK_16: [u16; 256] = checks(0x8005);

#[expect(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "made while compiling, for 256 bytes"
)]
const fn checks(polynomial: u16) -> [u16; 256] {
    let mut checks = [0; 256];
    let mut byte = 0;
    while byte < checks.len() {
        let mut sum = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 0x8000 != 0 {
                sum << 1 ^ polynomial
            } else {
                sum << 1
            };
            bit += 1;
        }
        checks[byte] = sum;
        byte += 1;
    }
    checks
}
