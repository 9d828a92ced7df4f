//! OpenAI's sizes in pixels as the ratios of sides Google knows.

use crate::error::{Result, invalid};
use crate::gemini::asked::Asked;

/// How a picture is to look in outline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    sides: Option<(u16, u16)>,
    pub(super) is_large: bool,
}

/// Width to height, and Google's name for it.
pub(super) type Ratio = (u16, u16, &'static str);

/// The first are known to all of Gemini's image models, the last four to the newer ones.
const RATIOS: [Ratio; 14] = [
    (1, 1, "1:1"),
    (2, 3, "2:3"),
    (3, 2, "3:2"),
    (3, 4, "3:4"),
    (4, 3, "4:3"),
    (4, 5, "4:5"),
    (5, 4, "5:4"),
    (9, 16, "9:16"),
    (16, 9, "16:9"),
    (21, 9, "21:9"),
    (1, 4, "1:4"),
    (4, 1, "4:1"),
    (1, 8, "1:8"),
    (8, 1, "8:1"),
];
const NEWER: usize = 4;

/// Those a model knows.
pub(super) fn ratios(is_new: bool) -> impl Iterator<Item = Ratio> {
    let known = if is_new {
        RATIOS.len()
    } else {
        RATIOS.len() - NEWER
    };
    RATIOS.into_iter().take(known)
}

impl Shape {
    pub(super) fn read(asked: &dyn Asked) -> Result<Self> {
        let size = asked.text("size")?;
        let sides = match size.as_deref() {
            None | Some("auto") => None,
            Some(size) => {
                let wanted = "\"auto\", or width and height as in \"1024x1024\"";
                Some(sides(size).ok_or_else(|| invalid("size", wanted))?)
            }
        };
        let quality = asked.text("quality")?;
        Ok(Self {
            sides,
            is_large: matches!(quality.as_deref(), Some("high" | "hd")),
        })
    }

    /// The nearest ratio: that by which one of the two would have to be stretched least.
    pub(super) fn nearest(self, known: impl Iterator<Item = Ratio>) -> Option<&'static str> {
        let (width, height) = self.sides?;
        let wanted = f64::from(width) / f64::from(height);
        let stretch = |(width, height, _): &Ratio| {
            let ratio = f64::from(*width) / f64::from(*height);
            (ratio / wanted).ln().abs()
        };
        let nearest = known.min_by(|left, right| stretch(left).total_cmp(&stretch(right)))?;
        Some(nearest.2)
    }
}

fn sides(size: &str) -> Option<(u16, u16)> {
    let (width, height) = size.split_once(['x', 'X'])?;
    let pixels = |text: &str| text.parse().ok().filter(|pixels| *pixels > 0);
    Some((pixels(width)?, pixels(height)?))
}

#[cfg(test)]
mod tests {
    use super::{Shape, ratios, sides};

    #[test]
    fn a_size_becomes_the_nearest_ratio() {
        for (size, new, old) in [
            ("1024x1024", "1:1", "1:1"),
            ("256x256", "1:1", "1:1"),
            ("1536x1024", "3:2", "3:2"),
            ("1024x1536", "2:3", "2:3"),
            ("1792x1024", "16:9", "16:9"),
            ("1024x1792", "9:16", "9:16"),
            ("1280x1024", "5:4", "5:4"),
            ("2560x1080", "21:9", "21:9"),
            ("4000x1000", "4:1", "21:9"),
            ("1x65535", "1:8", "9:16"),
        ] {
            let sides = sides(size);
            let shape = Shape {
                sides,
                is_large: false,
            };
            assert_eq!(shape.nearest(ratios(true)), Some(new), "{size}");
            assert_eq!(shape.nearest(ratios(false)), Some(old), "{size}");
        }
        for wrong in [
            "", "x", "1024", "0x1", "1x0", "-1x1", "axb", "1x1x1", "99999x1",
        ] {
            assert_eq!(sides(wrong), None, "{wrong}");
        }
    }
}
