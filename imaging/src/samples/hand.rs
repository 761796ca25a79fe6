//! A left hand for the digital X-ray (PS3.3 A.26): bones and flesh as rounded rods, and how much
//! of each the beam crosses on its way.

use dicom::core::value::DataSetSequence;
use dicom::core::{DataElement, PrimitiveValue, VR};
use dicom::dictionary_std::tags;
use dicom::object::InMemDicomObject;

use super::draw::{nearest, noise};
use super::header::{put_shorts, put_texts};

const COLUMNS: u16 = 2500;
const ROWS: u16 = 3000;
const PIXEL_MM: f64 = 0.1;
const MAX_VALUE: u16 = 4095;
/// The collimator leaves this much of the picture's edge unexposed.
const SHUTTER_MM: f64 = 5.0;

/// A rod with round ends, in millimetres from the picture's upper left corner.
struct Rod {
    from: [f64; 2],
    to: [f64; 2],
    radius: f64,
    /// How much thicker the ends are than the middle, as a part of the radius.
    flare: f64,
}

const fn bone(from: [f64; 2], to: [f64; 2], radius: f64) -> Rod {
    Rod { from, to, radius, flare: 0.4 }
}

const fn pebble(at: [f64; 2], radius: f64) -> Rod {
    Rod { from: at, to: at, radius, flare: 0.0 }
}

const fn flesh(from: [f64; 2], to: [f64; 2], radius: f64) -> Rod {
    Rod { from, to, radius, flare: 0.0 }
}

/// Metacarpals and phalanges from index to little finger, then the thumb, wrist and forearm.
const BONES: [Rod; 29] = [
    bone([128.0, 200.0], [140.0, 140.0], 3.9),
    bone([141.0, 134.0], [149.0, 97.0], 3.5),
    bone([150.0, 92.0], [154.0, 70.0], 3.0),
    bone([155.0, 65.5], [158.0, 51.0], 2.3),
    bone([118.0, 199.0], [120.0, 135.0], 4.0),
    bone([120.0, 129.0], [123.0, 86.0], 3.6),
    bone([123.0, 80.5], [125.0, 55.0], 3.1),
    bone([125.0, 50.5], [126.0, 35.0], 2.4),
    bone([108.0, 201.0], [100.0, 142.0], 3.6),
    bone([99.0, 136.0], [92.0, 96.0], 3.4),
    bone([91.0, 91.0], [87.0, 68.0], 2.9),
    bone([86.0, 63.5], [83.0, 49.0], 2.3),
    bone([99.0, 205.0], [83.0, 153.0], 3.4),
    bone([81.0, 148.0], [68.0, 116.0], 3.0),
    bone([67.0, 111.5], [60.0, 96.0], 2.5),
    bone([59.0, 91.5], [54.0, 80.0], 2.0),
    bone([140.0, 210.0], [167.0, 181.0], 4.1),
    bone([171.0, 176.0], [188.0, 153.0], 3.5),
    bone([191.0, 148.5], [201.0, 133.0], 2.7),
    pebble([137.0, 218.0], 6.6),
    pebble([127.5, 209.5], 5.8),
    pebble([117.0, 211.0], 7.4),
    pebble([105.5, 213.5], 6.8),
    pebble([128.5, 225.0], 7.6),
    pebble([116.0, 226.0], 7.0),
    pebble([105.5, 225.0], 5.8),
    pebble([100.0, 220.0], 3.8),
    bone([123.0, 244.0], [119.0, 345.0], 7.8),
    bone([101.0, 241.0], [104.0, 345.0], 5.4),
];

const FLESH: [Rod; 13] = [
    flesh([140.0, 142.0], [158.0, 50.0], 8.6),
    flesh([120.0, 138.0], [126.0, 35.0], 8.8),
    flesh([100.0, 144.0], [83.0, 49.0], 8.2),
    flesh([83.0, 155.0], [54.0, 80.0], 7.4),
    flesh([150.0, 205.0], [201.0, 133.0], 9.6),
    flesh([128.0, 205.0], [139.0, 145.0], 13.5),
    flesh([118.0, 205.0], [120.0, 142.0], 14.0),
    flesh([108.0, 205.0], [101.0, 147.0], 13.5),
    flesh([101.0, 208.0], [86.0, 158.0], 12.0),
    flesh([126.0, 215.0], [160.0, 190.0], 13.0),
    flesh([112.0, 200.0], [112.0, 330.0], 25.0),
    flesh([122.0, 214.0], [119.0, 330.0], 25.0),
    flesh([104.0, 216.0], [104.0, 330.0], 20.0),
];

/// A lead letter L, as rectangles: left, top, right, bottom.
const MARKER_MM: [[f64; 4]; 2] = [[216.0, 30.0, 219.5, 50.0], [216.0, 46.5, 228.0, 50.0]];

impl Rod {
    /// The rows or columns (`axis` 1 or 0) it can reach.
    fn reach(&self, axis: usize) -> (f64, f64) {
        let most = self.radius * (1.0 + self.flare);
        (self.from[axis].min(self.to[axis]) - most, self.from[axis].max(self.to[axis]) + most)
    }

    /// How far a point is from the axis, and how thick the rod is there, both squared.
    fn section(&self, x: f64, y: f64) -> (f64, f64) {
        let along = [self.to[0] - self.from[0], self.to[1] - self.from[1]];
        let length = along[0] * along[0] + along[1] * along[1];
        let (dx, dy) = (x - self.from[0], y - self.from[1]);
        let part =
            if length > 0.0 { ((dx * along[0] + dy * along[1]) / length).clamp(0.0, 1.0) } else { 0.5 };
        let (ex, ey) = (dx - part * along[0], dy - part * along[1]);
        let end = 2.0 * part - 1.0;
        let radius = self.radius * (1.0 + self.flare * end * end * end * end);
        (ex * ex + ey * ey, radius * radius)
    }
}

/// The way through a round section of squared radius `radius` at squared distance `distance`.
fn chord(distance: f64, radius: f64) -> f64 {
    2.0 * (radius - distance).max(0.0).sqrt()
}

/// The DX Series, DX Anatomy Imaged, DX Image, DX Detector, DX Positioning and Acquisition Context
/// modules (PS3.3 C.8.11.1 to C.8.11.5, C.7.6.14).
pub(super) fn describe(object: &mut InMemDicomObject) {
    put_texts(
        object,
        &[
            (tags::PRESENTATION_INTENT_TYPE, VR::CS, "FOR PRESENTATION"),
            (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY"),
            (tags::PATIENT_ORIENTATION, VR::CS, "L\\H"),
            (tags::IMAGE_LATERALITY, VR::CS, "L"),
            (tags::VIEW_POSITION, VR::CS, "PA"),
            (tags::PIXEL_INTENSITY_RELATIONSHIP, VR::CS, "LOG"),
            (tags::RESCALE_INTERCEPT, VR::DS, "0"),
            (tags::RESCALE_SLOPE, VR::DS, "1"),
            (tags::RESCALE_TYPE, VR::LO, "US"),
            (tags::PRESENTATION_LUT_SHAPE, VR::CS, "IDENTITY"),
            (tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00"),
            (tags::BURNED_IN_ANNOTATION, VR::CS, "NO"),
            (tags::WINDOW_CENTER, VR::DS, "1500"),
            (tags::WINDOW_WIDTH, VR::DS, "3000"),
            (tags::DETECTOR_TYPE, VR::CS, "DIRECT"),
            (tags::DETECTOR_ID, VR::SH, "SAMPLE"),
            (tags::IMAGER_PIXEL_SPACING, VR::DS, "0.1\\0.1"),
            (tags::POSITIONER_TYPE, VR::CS, "NONE"),
            (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        ],
    );
    put_shorts(
        object,
        &[
            (tags::SAMPLES_PER_PIXEL, 1),
            (tags::ROWS, ROWS),
            (tags::COLUMNS, COLUMNS),
            (tags::BITS_ALLOCATED, 16),
            (tags::BITS_STORED, 12),
            (tags::HIGH_BIT, 11),
            (tags::PIXEL_REPRESENTATION, 0),
        ],
    );
    // Denser is whiter: values fall as the X-ray beam's intensity rises (PS3.3 C.8.11.3.1.2).
    let sign = PrimitiveValue::from(-1_i16);
    object.put(DataElement::new(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, VR::SS, sign));
    object.put(sequence(tags::ACQUISITION_CONTEXT_SEQUENCE, Vec::new()));
    object.put(sequence(tags::ANATOMIC_REGION_SEQUENCE, vec![code("85562004", "SCT", "Hand")]));
    object.put(sequence(tags::VIEW_CODE_SEQUENCE, vec![code("272479007", "SCT", "postero-anterior")]));
}

type Element = DataElement<InMemDicomObject>;

fn sequence(tag: dicom::core::Tag, items: Vec<InMemDicomObject>) -> Element {
    DataElement::new(tag, VR::SQ, DataSetSequence::from(items))
}

fn code(value: &str, scheme: &str, meaning: &str) -> InMemDicomObject {
    let mut item = InMemDicomObject::new_empty();
    put_texts(
        &mut item,
        &[
            (tags::CODE_VALUE, VR::SH, value),
            (tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme),
            (tags::CODE_MEANING, VR::LO, meaning),
        ],
    );
    item
}

/// Pixel Data: the radiograph.
pub(super) fn draw(object: &mut InMemDicomObject, noise_seed: u64) {
    let width = usize::from(COLUMNS);
    let mut pixels = Vec::with_capacity(width * usize::from(ROWS));
    let mut beam = Beam { flesh_mm: vec![0.0; width], bone_mm: vec![0.0; width] };
    for row in 0..ROWS {
        beam.cross(f64::from(row) * PIXEL_MM);
        let noise = noise(noise_seed.wrapping_add(u64::from(row)), width * 2);
        pixels.extend((0..COLUMNS).zip(noise.chunks_exact(2)).map(|(column, dice)| {
            let grain = f64::from(dice[0]) - f64::from(dice[1]);
            beam.value(f64::from(column) * PIXEL_MM, f64::from(row) * PIXEL_MM, usize::from(column), grain)
        }));
    }
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(pixels.into())));
}

/// What the beam crosses along one row of the picture.
struct Beam {
    flesh_mm: Vec<f64>,
    bone_mm: Vec<f64>,
}

impl Beam {
    fn cross(&mut self, y: f64) {
        self.flesh_mm.fill(0.0);
        self.bone_mm.fill(0.0);
        for rod in &FLESH {
            each_column(rod, y, |column, distance, radius| {
                // Neighbouring rods of flesh are one body: the thickest counts, not their sum.
                let thickness = &mut self.flesh_mm[column];
                *thickness = thickness.max(chord(distance, radius).min(30.0));
            });
        }
        for rod in &BONES {
            each_column(rod, y, |column, distance, radius| {
                // The shaft is a tube: its marrow weakens the beam less than the wall around it.
                let wall = chord(distance, radius) - 0.6 * chord(distance, radius * 0.5);
                let thickness = &mut self.bone_mm[column];
                *thickness = thickness.max(wall);
            });
        }
    }

    fn value(&self, x: f64, y: f64, column: usize, grain: f64) -> u16 {
        let inside = |low: f64, value: f64, high: f64| low <= value && value <= high;
        let (width, height) = (f64::from(COLUMNS) * PIXEL_MM, f64::from(ROWS) * PIXEL_MM);
        let exposed = inside(SHUTTER_MM, x, width - SHUTTER_MM) && inside(SHUTTER_MM, y, height - SHUTTER_MM);
        if !exposed {
            return nearest(20.0 + grain / 32.0, MAX_VALUE);
        }
        let lead = MARKER_MM
            .iter()
            .any(|[left, top, right, bottom]| inside(*left, x, *right) && inside(*top, y, *bottom));
        if lead {
            return nearest(3900.0 + grain / 16.0, MAX_VALUE);
        }
        let density = 100.0 + 28.0 * self.flesh_mm[column] + 260.0 * self.bone_mm[column];
        // The curve keeps detail in thick bone, where a straight line would saturate.
        nearest(f64::from(MAX_VALUE) * density / (density + 1800.0) + grain / 8.0, MAX_VALUE)
    }
}

/// Calls `paint` with each column in which the row at `y` crosses the rod.
fn each_column(rod: &Rod, y: f64, mut paint: impl FnMut(usize, f64, f64)) {
    let (top, bottom) = rod.reach(1);
    if y < top || y > bottom {
        return;
    }
    let (left, right) = rod.reach(0);
    let first = nearest(left / PIXEL_MM, COLUMNS - 1);
    let last = nearest(right / PIXEL_MM, COLUMNS - 1);
    for column in first..=last {
        let (distance, radius) = rod.section(f64::from(column) * PIXEL_MM, y);
        if distance < radius {
            paint(usize::from(column), distance, radius);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn densities(y: f64) -> Beam {
        let width = usize::from(COLUMNS);
        let mut beam = Beam { flesh_mm: vec![0.0; width], bone_mm: vec![0.0; width] };
        beam.cross(y);
        beam
    }

    #[test]
    fn a_finger_has_bone_within_flesh_within_air() {
        let beam = densities(110.0);
        let middle_finger = 1215;
        assert!(beam.bone_mm[middle_finger] > 3.0);
        assert!(beam.flesh_mm[middle_finger] > 15.0);
        let beside_the_bone = middle_finger + 60;
        assert!(beam.bone_mm[beside_the_bone] == 0.0 && beam.flesh_mm[beside_the_bone] > 0.0);
        assert!(beam.flesh_mm[100] == 0.0);
    }

    #[test]
    fn the_wall_of_a_bone_is_denser_than_its_middle() {
        let shaft = pebble([0.0, 0.0], 4.0);
        let through = |x: f64| {
            let (distance, radius) = shaft.section(x, 0.0);
            chord(distance, radius) - 0.6 * chord(distance, radius * 0.5)
        };
        assert!(through(2.9) > through(0.0));
    }

    #[test]
    fn the_hand_stays_inside_the_exposed_field() {
        for rod in BONES.iter().chain(&FLESH) {
            let (left, right) = rod.reach(0);
            assert!(left > SHUTTER_MM && right < 250.0 - SHUTTER_MM && rod.reach(1).0 > SHUTTER_MM);
        }
    }
}
