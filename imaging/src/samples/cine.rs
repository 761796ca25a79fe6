//! A colour clip for ultrasound (PS3.3 A.7): a fan of speckle, and in it a chamber that beats,
//! with flow to and from the probe in red and blue.

use dicom::core::{DataElement, PrimitiveValue, VR};
use dicom::dictionary_std::tags;
use dicom::object::InMemDicomObject;

use super::draw::{nearest, noise};
use super::header::{put_shorts, put_texts};

const COLUMNS: u16 = 640;
const ROWS: u16 = 480;
const FRAMES: u16 = 30;
const SAMPLES: usize = 3;
/// The probe's place above the picture's middle, and the fan's nearest and farthest points.
const PROBE: [f64; 2] = [320.0, 5.0];
const FAN: (f64, f64) = (30.0, 450.0);
/// Half the fan's opening, as sideways per depth.
const FAN_SLOPE: f64 = 0.8;
const CHAMBER: [f64; 2] = [320.0, 230.0];

/// The US Image, Cine and Multi-frame modules (PS3.3 C.8.5.6, C.7.6.5, C.7.6.6).
pub(super) fn describe(object: &mut InMemDicomObject) {
    put_texts(
        object,
        &[
            (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY"),
            (tags::PATIENT_ORIENTATION, VR::CS, ""),
            (tags::NUMBER_OF_FRAMES, VR::IS, &FRAMES.to_string()),
            (tags::FRAME_TIME, VR::DS, "33.333333"),
            (tags::CINE_RATE, VR::IS, "30"),
            (tags::RECOMMENDED_DISPLAY_FRAME_RATE, VR::IS, "30"),
            (tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00"),
            (tags::BURNED_IN_ANNOTATION, VR::CS, "NO"),
            (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB"),
        ],
    );
    put_shorts(
        object,
        &[
            (tags::SAMPLES_PER_PIXEL, 3),
            (tags::PLANAR_CONFIGURATION, 0),
            (tags::ROWS, ROWS),
            (tags::COLUMNS, COLUMNS),
            (tags::BITS_ALLOCATED, 8),
            (tags::BITS_STORED, 8),
            (tags::HIGH_BIT, 7),
            (tags::PIXEL_REPRESENTATION, 0),
            (tags::ULTRASOUND_COLOR_DATA_PRESENT, 1),
        ],
    );
    let pointer = PrimitiveValue::from(tags::FRAME_TIME);
    object.put(DataElement::new(tags::FRAME_INCREMENT_POINTER, VR::AT, pointer));
}

/// Pixel Data: all frames, one after another.
pub(super) fn draw(object: &mut InMemDicomObject, noise_seed: u64) {
    let fan = fan();
    let speckle = noise(noise_seed, fan.len());
    let mut pixels = Vec::with_capacity(usize::from(FRAMES) * fan.len() * SAMPLES);
    for frame in 0..FRAMES {
        let start = pixels.len();
        push_speckle(&mut pixels, &fan, &speckle, frame);
        paint_chamber(&mut pixels[start..], &Beat::of(frame));
    }
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(pixels.into())));
}

/// How bright the echo is at each pixel: nothing outside the fan, weaker with depth inside.
fn fan() -> Vec<u8> {
    let mut brightness = Vec::with_capacity(usize::from(COLUMNS) * usize::from(ROWS));
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let (dx, dy) = (f64::from(column) - PROBE[0], f64::from(row) - PROBE[1]);
            let depth = (dx * dx + dy * dy).sqrt();
            let seen = dx.abs() <= dy * FAN_SLOPE && FAN.0 <= depth && depth <= FAN.1;
            brightness.push(if seen { byte(190.0 - depth * 0.25) } else { 0 });
        }
    }
    brightness
}

/// Speckle flickers from frame to frame: the same grains, begun at another place.
fn push_speckle(pixels: &mut Vec<u8>, fan: &[u8], speckle: &[u8], frame: u16) {
    let shift = usize::from(frame) * 7919 % speckle.len().max(1);
    let grains = speckle.iter().cycle().skip(shift);
    for (brightness, grain) in fan.iter().zip(grains) {
        let [grey, _] = (u16::from(*brightness) * u16::from(*grain)).to_be_bytes();
        pixels.extend([grey; SAMPLES]);
    }
}

/// The chamber at one moment.
struct Beat {
    semi_axes: [f64; 2],
    jet: [f64; 2],
    /// Red towards the probe while it empties, blue away from it while it fills.
    colour: [u8; SAMPLES],
}

impl Beat {
    fn of(frame: u16) -> Self {
        let phase = f64::from(frame) / f64::from(FRAMES);
        // A parabola from rest to rest: no function whose last bit differs between machines.
        let squeeze = 4.0 * phase * (1.0 - phase);
        let emptying = frame * 2 < FRAMES;
        let travel = if emptying { 2.0 * phase } else { 2.0 - 2.0 * phase };
        Self {
            semi_axes: [72.0 - 18.0 * squeeze, 112.0 - 24.0 * squeeze],
            jet: [CHAMBER[0], CHAMBER[1] + 70.0 - 140.0 * travel],
            colour: if emptying { [220, 60, 30] } else { [40, 70, 230] },
        }
    }
}

fn paint_chamber(frame: &mut [u8], beat: &Beat) {
    let wall = 14.0;
    let (across, down) = (beat.semi_axes[0] + wall, beat.semi_axes[1] + wall);
    let columns = nearest(CHAMBER[0] - across, COLUMNS)..nearest(CHAMBER[0] + across, COLUMNS);
    for row in nearest(CHAMBER[1] - down, ROWS)..nearest(CHAMBER[1] + down, ROWS) {
        for column in columns.clone() {
            let (x, y) = (f64::from(column), f64::from(row));
            let at = (usize::from(row) * usize::from(COLUMNS) + usize::from(column)) * SAMPLES;
            let Some(pixel) = frame.get_mut(at..at + SAMPLES) else { continue };
            if ellipse(x, y, CHAMBER, [across, down]) > 1.0 {
                continue;
            }
            if ellipse(x, y, CHAMBER, beat.semi_axes) > 1.0 {
                pixel.iter_mut().for_each(|sample| *sample = sample.saturating_add(90));
            } else if ellipse(x, y, beat.jet, [16.0, 30.0]) <= 1.0 {
                pixel.copy_from_slice(&beat.colour);
            } else {
                pixel.iter_mut().for_each(|sample| *sample /= 8);
            }
        }
    }
}

/// At most 1 within the ellipse.
fn ellipse(x: f64, y: f64, centre: [f64; 2], semi_axes: [f64; 2]) -> f64 {
    let (u, v) = ((x - centre[0]) / semi_axes[0], (y - centre[1]) / semi_axes[1]);
    u * u + v * v
}

fn byte(value: f64) -> u8 {
    let [_, low] = nearest(value, 255).to_be_bytes();
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames() -> Vec<u8> {
        let mut object = InMemDicomObject::new_empty();
        draw(&mut object, 7);
        object.element(tags::PIXEL_DATA).unwrap().to_bytes().unwrap().into_owned()
    }

    #[test]
    fn outside_the_fan_is_black_and_the_chamber_is_dark_with_a_moving_jet() {
        let frames = frames();
        let size = 640 * 480 * 3;
        assert_eq!(frames.len(), 30 * size);
        let at = |frame: usize, column: usize, row: usize| {
            let start = frame * size + (row * 640 + column) * 3;
            [frames[start], frames[start + 1], frames[start + 2]]
        };
        assert_eq!(at(0, 0, 0), [0, 0, 0]);
        assert_eq!(at(0, 320, 300), [220, 60, 30], "the jet leaves towards the probe");
        assert_eq!(at(15, 320, 160), [40, 70, 230], "and turns where it is nearest");
        assert!(at(15, 350, 230).iter().all(|sample| *sample < 32), "blood is dark");
    }
}
