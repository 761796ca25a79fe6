//! A head for the CT: the Shepp–Logan phantom in three dimensions, in Hounsfield units (PS3.3 A.3).
//!
//! The ellipsoids are the well-known ones in a cube from -1 to 1; the contrasts are ours, so that
//! bone, brain and fluid have the values a reader expects of a CT.

use dicom::core::{DataElement, PrimitiveValue, VR};
use dicom::dictionary_std::tags;
use dicom::object::InMemDicomObject;

use super::decimals;
use super::draw::{nearest, noise};
use super::header::{put_shorts, put_texts};

const SIDE: u16 = 512;
const FIELD_OF_VIEW_MM: f64 = 250.0;
const SPACING_MM: f64 = FIELD_OF_VIEW_MM / 512.0;
const HEIGHT_MM: f64 = 216.0;
/// Millimetres of one unit of the phantom's cube.
const UNIT_MM: f64 = FIELD_OF_VIEW_MM / 2.0;
const AIR_HU: i16 = -1000;
const RESCALE_INTERCEPT: i16 = -1024;
/// The middle of the picture, counted in pixel centres.
const MIDDLE: f64 = 255.5;

/// Which cut through the head.
pub(super) struct Slice {
    pub(super) index: usize,
    pub(super) of: u16,
}

impl Slice {
    fn spacing_mm(&self) -> f64 {
        HEIGHT_MM / f64::from(self.of)
    }

    /// Where the slice lies, in millimetres towards the head from the middle.
    fn z_mm(&self) -> f64 {
        let index = u16::try_from(self.index).unwrap_or(u16::MAX);
        (f64::from(index) + 0.5) * self.spacing_mm() - HEIGHT_MM / 2.0
    }
}

struct Ellipsoid {
    contrast_hu: i16,
    semi_axes: [f64; 3],
    centre: [f64; 3],
    /// Cosine and sine of the turn about the long axis of the body.
    turn: [f64; 2],
}

const STRAIGHT: [f64; 2] = [1.0, 0.0];
const TURNED: [f64; 2] = [0.951_056_516_295_153_5, 0.309_016_994_374_947_45];
const TURNED_BACK: [f64; 2] = [TURNED[0], -TURNED[1]];

const fn ellipsoid(contrast_hu: i16, semi_axes: [f64; 3], centre: [f64; 3], turn: [f64; 2]) -> Ellipsoid {
    Ellipsoid { contrast_hu, semi_axes, centre, turn }
}

/// Skull, brain, two ventricles, and seven small things; contrasts add up where they overlap.
const HEAD: [Ellipsoid; 10] = [
    ellipsoid(2000, [0.69, 0.92, 0.81], [0.0, 0.0, 0.0], STRAIGHT),
    ellipsoid(-965, [0.6624, 0.874, 0.78], [0.0, -0.0184, 0.0], STRAIGHT),
    ellipsoid(-30, [0.11, 0.31, 0.22], [0.22, 0.0, 0.0], TURNED_BACK),
    ellipsoid(-30, [0.16, 0.41, 0.28], [-0.22, 0.0, 0.0], TURNED),
    ellipsoid(20, [0.21, 0.25, 0.41], [0.0, 0.35, -0.15], STRAIGHT),
    ellipsoid(25, [0.046, 0.046, 0.05], [0.0, 0.1, 0.25], STRAIGHT),
    ellipsoid(25, [0.046, 0.046, 0.05], [0.0, -0.1, 0.25], STRAIGHT),
    ellipsoid(25, [0.046, 0.023, 0.05], [-0.08, -0.605, 0.0], STRAIGHT),
    ellipsoid(25, [0.023, 0.023, 0.02], [0.0, -0.606, 0.0], STRAIGHT),
    ellipsoid(25, [0.023, 0.046, 0.02], [0.06, -0.605, 0.0], STRAIGHT),
];

impl Ellipsoid {
    /// The interval of x inside the ellipsoid on the line at `y`, `z`: a quadratic's two roots.
    fn span(&self, y: f64, z: f64) -> Option<(f64, f64)> {
        let [cosine, sine] = self.turn;
        let across = (self.semi_axes[0] * self.semi_axes[0]).recip();
        let along = (self.semi_axes[1] * self.semi_axes[1]).recip();
        let up = (z - self.centre[2]) / self.semi_axes[2];
        let dy = y - self.centre[1];
        let square = cosine * cosine * across + sine * sine * along;
        let linear = dy * cosine * sine * (across - along);
        let rest = dy * dy * (sine * sine * across + cosine * cosine * along) + up * up - 1.0;
        let discriminant = linear * linear - square * rest;
        if discriminant <= 0.0 {
            return None;
        }
        let half = discriminant.sqrt() / square;
        let middle = self.centre[0] - linear / square;
        Some((middle - half, middle + half))
    }
}

/// The CT Image, Image Plane, Frame of Reference and VOI LUT modules (PS3.3 C.8.2.1, C.7.6.2,
/// C.7.4.1, C.11.2).
pub(super) fn describe(object: &mut InMemDicomObject, slice: &Slice, frame_of_reference_uid: &str) {
    let corner_mm = -MIDDLE * SPACING_MM;
    let z_mm = slice.z_mm();
    let thickness = decimals(&[slice.spacing_mm()]);
    put_texts(
        object,
        &[
            (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL"),
            (tags::KVP, VR::DS, "120"),
            (tags::PATIENT_POSITION, VR::CS, "HFS"),
            (tags::FRAME_OF_REFERENCE_UID, VR::UI, frame_of_reference_uid),
            (tags::POSITION_REFERENCE_INDICATOR, VR::LO, ""),
            (tags::IMAGE_POSITION_PATIENT, VR::DS, &decimals(&[corner_mm, corner_mm, z_mm])),
            (tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0"),
            (tags::PIXEL_SPACING, VR::DS, "0.48828125\\0.48828125"),
            (tags::SLICE_THICKNESS, VR::DS, &thickness),
            (tags::SPACING_BETWEEN_SLICES, VR::DS, &thickness),
            (tags::SLICE_LOCATION, VR::DS, &decimals(&[z_mm])),
            (tags::RESCALE_INTERCEPT, VR::DS, &RESCALE_INTERCEPT.to_string()),
            (tags::RESCALE_SLOPE, VR::DS, "1"),
            (tags::RESCALE_TYPE, VR::LO, "HU"),
            (tags::WINDOW_CENTER, VR::DS, "40"),
            (tags::WINDOW_WIDTH, VR::DS, "120"),
            (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        ],
    );
    put_shorts(
        object,
        &[
            (tags::SAMPLES_PER_PIXEL, 1),
            (tags::ROWS, SIDE),
            (tags::COLUMNS, SIDE),
            (tags::BITS_ALLOCATED, 16),
            (tags::BITS_STORED, 16),
            (tags::HIGH_BIT, 15),
            (tags::PIXEL_REPRESENTATION, 1),
        ],
    );
}

/// Pixel Data: the stored values, noise of a few Hounsfield units included.
pub(super) fn draw(object: &mut InMemDicomObject, slice: &Slice, noise_seed: u64) {
    let mut pixels = tissue(slice.z_mm() / UNIT_MM);
    let seed = noise_seed.wrapping_add(u64::try_from(slice.index).unwrap_or_default());
    let noise = noise(seed, pixels.len() * 4);
    for (pixel, dice) in pixels.iter_mut().zip(noise.chunks_exact(4)) {
        // The sum of four dice is nearly normal; this one has a deviation of about nine.
        let sum: i16 = dice.iter().map(|die| i16::from(*die)).sum();
        *pixel += (sum - 510) / 16 - RESCALE_INTERCEPT;
    }
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::I16(pixels.into())));
}

/// Hounsfield units without noise of the cut at `z`, row by row. Rows run from the face to the
/// back of the head, columns from the patient's right to the left.
fn tissue(z: f64) -> Vec<i16> {
    let width = usize::from(SIDE);
    let mut pixels = vec![AIR_HU; width * width];
    for (row, line) in (0..SIDE).zip(pixels.chunks_exact_mut(width)) {
        let y = (MIDDLE - f64::from(row)) * SPACING_MM / UNIT_MM;
        for part in &HEAD {
            let Some((from, to)) = part.span(y, z) else { continue };
            let first = usize::from(nearest(column(from).ceil(), SIDE - 1));
            let after = usize::from(nearest(column(to).floor() + 1.0, SIDE));
            for pixel in line.iter_mut().take(after).skip(first) {
                *pixel += part.contrast_hu;
            }
        }
    }
    pixels
}

fn column(x: f64) -> f64 {
    x * UNIT_MM / SPACING_MM + MIDDLE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, point by point: slower than spans, and plainly right.
    fn hounsfield_at(x: f64, y: f64, z: f64) -> i16 {
        let inside = |part: &&Ellipsoid| {
            let (dx, dy, dz) = (x - part.centre[0], y - part.centre[1], z - part.centre[2]);
            let [cosine, sine] = part.turn;
            let u = (dx * cosine + dy * sine) / part.semi_axes[0];
            let v = (dy * cosine - dx * sine) / part.semi_axes[1];
            u * u + v * v + (dz / part.semi_axes[2]).powi(2) < 1.0
        };
        AIR_HU + HEAD.iter().filter(inside).map(|part| part.contrast_hu).sum::<i16>()
    }

    #[test]
    fn rows_drawn_by_spans_equal_the_phantom_point_by_point() {
        for z in [-0.5, -0.15, 0.0, 0.25] {
            let pixels = tissue(z);
            for row in (0..SIDE).step_by(7) {
                for column in (0..SIDE).step_by(5) {
                    let x = (f64::from(column) - MIDDLE) / 256.0;
                    let y = (MIDDLE - f64::from(row)) / 256.0;
                    let drawn = pixels[usize::from(row) * 512 + usize::from(column)];
                    assert_eq!(drawn, hounsfield_at(x, y, z), "at {x} {y} {z}");
                }
            }
        }
    }

    #[test]
    fn bone_brain_and_fluid_have_their_values() {
        let middle = tissue(0.0);
        let at = |column: usize, row: usize| middle[row * 512 + column];
        assert_eq!(at(0, 0), -1000, "air outside");
        assert_eq!(at(256, 24), 1000, "the skull over the brow");
        assert_eq!(at(256, 256), 35, "brain between the ventricles");
        assert_eq!(at(256 - 56, 256), 5, "the right ventricle");
        assert_eq!(at(256 + 56, 256), 5, "the left ventricle");
    }

    #[test]
    fn the_top_and_the_bottom_of_the_stack_are_outside_the_head() {
        for index in [0, 59] {
            let slice = Slice { index, of: 60 };
            assert!(tissue(slice.z_mm() / UNIT_MM).iter().all(|hu| *hu == AIR_HU));
        }
    }
}
