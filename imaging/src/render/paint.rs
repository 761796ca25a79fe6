//! From samples to eight bits of grey or of red, green and blue, scaled on the way: each pixel of the picture
//! is the mean of those of the frame that it stands for.

use super::LONGEST_EDGE;
use super::View;
use super::frame::Frame;
use super::head::{Colours, Function, Image, Palette, Window};
use std::ops::Range;

/// A picture that is not yet a file.
pub(super) struct Painted {
    pub width: u16,
    pub height: u16,
    /// Whether there are three bytes to a pixel, not one.
    pub in_colour: bool,
    pub bytes: Vec<u8>,
}

pub(super) fn paint(image: &Image, frame: &Frame, view: &View) -> Painted {
    let (width, height) = scaled(image, view.longest_edge.clamp(1, LONGEST_EDGE));
    let grid = Grid { columns: image.columns, rows: image.rows, width, height };
    let bytes = match frame.colours {
        Colours::Grey { inverted } => {
            let tone = Tone::of(image, frame, view, inverted);
            grid.means(|pixel| [frame.sample(pixel, 0)]).map(|[value]| tone.grey(value)).collect()
        }
        colours => {
            let tone =
                Tone::of_colours(view, if colours == Colours::Palette { 8 } else { image.bits_stored });
            grid.means(|pixel| rgb(image, frame, pixel))
                .flat_map(|pixel| pixel.map(|value| tone.grey(value)))
                .collect()
        }
    };
    Painted { width, height, in_colour: !matches!(frame.colours, Colours::Grey { .. }), bytes }
}

/// The size of the picture: as large as it is, or as the longest edge allows.
fn scaled(image: &Image, longest_edge: u16) -> (u16, u16) {
    let longest = image.rows.max(image.columns);
    let scale = |edge: u16| {
        let scaled = u32::from(edge) * u32::from(longest_edge) / u32::from(longest);
        u16::try_from(scaled).unwrap_or(edge).clamp(1, edge)
    };
    if longest <= longest_edge {
        (image.columns, image.rows)
    } else {
        (scale(image.columns), scale(image.rows))
    }
}

/// A frame of `columns` by `rows`, and a picture of `width` by `height` that is no larger.
#[derive(Clone, Copy)]
struct Grid {
    columns: u16,
    rows: u16,
    width: u16,
    height: u16,
}

impl Grid {
    /// The pixels of the picture, row by row, each the mean of its share of the frame.
    fn means<const N: usize>(self, pixel: impl Fn(u64) -> [i64; N]) -> impl Iterator<Item = [f64; N]> {
        let places = (0..self.height).flat_map(move |y| (0..self.width).map(move |x| (x, y)));
        places.map(move |(x, y)| {
            let across = share(x, self.width, self.columns);
            let down = share(y, self.height, self.rows);
            let count = (across.end - across.start) * (down.end - down.start);
            let mut sums = [0_i64; N];
            for row in down {
                for column in across.clone() {
                    let values = pixel(row * u64::from(self.columns) + column);
                    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                }
            }
            sums.map(|sum| float(sum) / float(i64::try_from(count).unwrap_or(1)))
        })
    }
}

/// Which of `whole` fall to the `part`th of `parts`; never none.
fn share(part: u16, parts: u16, whole: u16) -> Range<u64> {
    let at = |part: u64| part * u64::from(whole) / u64::from(parts);
    let (part, start) = (u64::from(part), at(u64::from(part)));
    start..at(part + 1).max(start + 1)
}

/// Sums of samples are far below what a double counts exactly.
#[expect(clippy::cast_precision_loss, reason = "a mean of at most 2^32 samples is not looked at so closely")]
fn float(value: i64) -> f64 {
    value as f64
}

/// What turns values into grey.
struct Tone {
    slope: f64,
    intercept: f64,
    window: Window,
    inverted: bool,
}

impl Tone {
    fn of(image: &Image, frame: &Frame, view: &View, inverted: bool) -> Self {
        let (slope, intercept) = (image.slope, image.intercept);
        let window = image.window.unwrap_or_else(|| whole_range(image, frame));
        Self { slope, intercept, window: seen(window, view), inverted }
    }

    fn of_colours(view: &View, bits: u16) -> Self {
        let most = float((1_i64 << bits.min(32)) - 1);
        let window = Window { centre: most / 2.0, width: most, function: Function::LinearExact };
        Self { slope: 1.0, intercept: 0.0, window: seen(window, view), inverted: false }
    }

    /// A value as grey, from 0 to 255 (PS3.3 §C.11.2.1.2.1, §C.11.2.1.3).
    fn grey(&self, value: f64) -> u8 {
        let value = value * self.slope + self.intercept;
        let Window { centre, width, function } = self.window;
        let light = match function {
            Function::Linear if width > 1.0 => (value - (centre - 0.5)) / (width - 1.0) + 0.5,
            // One step from black to white.
            Function::Linear => f64::from(u8::from(value > centre - 0.5)),
            Function::LinearExact => (value - centre) / width + 0.5,
            Function::Sigmoid => (1.0 + (-4.0 * (value - centre) / width).exp()).recip(),
        };
        let light = if self.inverted { 1.0 - light } else { light };
        byte(light * 255.0)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what the type holds")]
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// A window as someone wants to see it.
fn seen(window: Window, view: &View) -> Window {
    let Window { centre, width, function } = window;
    let softer = (-f64::from(view.contrast) / 50.0).exp2();
    Window { centre: centre - width * f64::from(view.brightness) / 100.0, width: width * softer, function }
}

/// From the least value to the greatest.
fn whole_range(image: &Image, frame: &Frame) -> Window {
    let pixels = u64::from(image.rows) * u64::from(image.columns);
    let values = (0..pixels).map(|pixel| frame.sample(pixel, 0));
    let (least, most) =
        values.fold((i64::MAX, i64::MIN), |(least, most), value| (least.min(value), most.max(value)));
    let [one, other] = [least, most].map(|value| float(value) * image.slope + image.intercept);
    let width = (one - other).abs().max(f64::MIN_POSITIVE);
    Window { centre: f64::midpoint(one, other), width, function: Function::LinearExact }
}

/// Red, green and blue of a pixel.
fn rgb(image: &Image, frame: &Frame, pixel: u64) -> [i64; 3] {
    match frame.colours {
        Colours::Palette => {
            let value = frame.sample(pixel, 0);
            image
                .palettes
                .as_ref()
                .map_or([0; 3], |palettes| palettes.each_ref().map(|one| entry(one, value)))
        }
        Colours::Ybr422 => from_ybr(frame.ybr422(pixel), image.bits_stored),
        Colours::Ybr => from_ybr([0, 1, 2].map(|sample| frame.sample(pixel, sample)), image.bits_stored),
        Colours::Rgb | Colours::Grey { .. } => [0, 1, 2].map(|sample| frame.sample(pixel, sample)),
    }
}

/// What lies before a table has its first colour, what lies behind it its last.
fn entry(palette: &Palette, value: i64) -> i64 {
    let last = palette.entries.len().saturating_sub(1);
    let at = usize::try_from((value - palette.first).max(0)).unwrap_or(usize::MAX).min(last);
    palette.entries.get(at).copied().map_or(0, i64::from)
}

/// PS3.3 §C.7.6.3.1.2, YBR_FULL, the other way, in thousandths.
fn from_ybr([y, cb, cr]: [i64; 3], bits: u16) -> [i64; 3] {
    let (middle, most) = (1_i64 << (bits.min(32) - 1), (1_i64 << bits.min(32)) - 1);
    let (cb, cr) = (cb - middle, cr - middle);
    [y * 1000 + 1402 * cr, y * 1000 - 344 * cb - 714 * cr, y * 1000 + 1772 * cb]
        .map(|thousandths| ((thousandths + 500).div_euclid(1000)).clamp(0, most))
}
