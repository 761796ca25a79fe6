use super::*;
use crate::files::{MetaHeader, meta_header};
use crate::samples::{self, SampleStudy};
use proptest::prelude::*;

const LITTLE: &str = "1.2.840.10008.1.2.1";
const IMPLICIT: &str = "1.2.840.10008.1.2";
const BIG: &str = "1.2.840.10008.1.2.2";
const RLE: &str = "1.2.840.10008.1.2.5";
const JPEG: &str = "1.2.840.10008.1.2.4.50";

fn meta(transfer_syntax_uid: &str) -> Vec<u8> {
    meta_header(&MetaHeader {
        sop_class_uid: samples::CT_IMAGE_STORAGE,
        sop_instance_uid: "1.2.3",
        transfer_syntax_uid,
        source_ae_title: None,
    })
}

fn sample(study: &SampleStudy, index: usize) -> Vec<u8> {
    let mut file = meta(LITTLE);
    file.extend(study.dataset(index).unwrap());
    file
}

/// An image made by hand: rows and columns, samples, bits allocated and stored, whether signed.
struct Made<'a> {
    syntax: &'a str,
    size: (u16, u16),
    samples: u16,
    bits: (u16, u16),
    signed: bool,
    interpretation: &'a str,
    more: Vec<(Tag, &'a [u8; 2], Vec<u8>)>,
    pixels: Vec<u8>,
}

impl Default for Made<'_> {
    fn default() -> Self {
        Self {
            syntax: LITTLE,
            size: (2, 2),
            samples: 1,
            bits: (8, 8),
            signed: false,
            interpretation: "MONOCHROME2 ",
            more: Vec::new(),
            pixels: Vec::new(),
        }
    }
}

impl Made<'_> {
    fn number(&self, value: u16) -> Vec<u8> {
        if self.syntax == BIG { value.to_be_bytes().into() } else { value.to_le_bytes().into() }
    }

    fn file(&self) -> Vec<u8> {
        let mut elements: Vec<(Tag, &[u8; 2], Vec<u8>)> = vec![
            (Tag(0x28, 0x2), b"US", self.number(self.samples)),
            (Tag(0x28, 0x4), b"CS", self.interpretation.into()),
            (Tag(0x28, 0x10), b"US", self.number(self.size.0)),
            (Tag(0x28, 0x11), b"US", self.number(self.size.1)),
            (Tag(0x28, 0x100), b"US", self.number(self.bits.0)),
            (Tag(0x28, 0x101), b"US", self.number(self.bits.1)),
            (Tag(0x28, 0x102), b"US", self.number(self.bits.1 - 1)),
            (Tag(0x28, 0x103), b"US", self.number(self.signed.into())),
        ];
        elements.extend(self.more.iter().cloned());
        elements.sort_by_key(|element| element.0);
        let mut file = meta(self.syntax);
        for (tag, vr, value) in elements {
            self.element(&mut file, tag, vr, value.len().try_into().unwrap());
            file.extend(value);
        }
        let encapsulated = [RLE, JPEG].contains(&self.syntax);
        let length = if encapsulated { u32::MAX } else { self.pixels.len().try_into().unwrap() };
        self.element(&mut file, Tag(0x7FE0, 0x10), b"OW", length);
        file.extend(&self.pixels);
        file
    }

    fn element(&self, file: &mut Vec<u8>, tag: Tag, vr: &[u8; 2], length: u32) {
        let big = self.syntax == BIG;
        file.extend(self.number(tag.0));
        file.extend(self.number(tag.1));
        let long = if big { length.to_be_bytes() } else { length.to_le_bytes() };
        if self.syntax == IMPLICIT {
            return file.extend(long);
        }
        file.extend(vr);
        if vr == b"OW" {
            file.extend([0, 0]);
            return file.extend(long);
        }
        file.extend(self.number(length.try_into().unwrap()));
    }

    fn drawn(&self) -> Vec<u8> {
        pixels(&draw(self.file().as_slice(), &png_view()).unwrap())
    }
}

fn png_view() -> View {
    View { format: Format::Png, ..View::default() }
}

/// The bytes of a PNG's pixels.
fn pixels(picture: &Picture) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(&picture.bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    pixels
}

fn shorts(values: &[i16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn window(centre: &str, width: &str) -> Vec<(Tag, &'static [u8; 2], Vec<u8>)> {
    vec![(Tag(0x28, 0x1050), b"DS", centre.into()), (Tag(0x28, 0x1051), b"DS", width.into())]
}

#[test]
fn a_ct_is_seen_through_its_window_bone_white_air_black() {
    let study = samples::ct(3, 7);
    let picture = draw(sample(&study, 1).as_slice(), &png_view()).unwrap();
    assert_eq!((picture.width, picture.height, picture.frames), (512, 512, 1));
    let pixels = pixels(&picture);
    let at = |column: usize, row: usize| pixels[row * 512 + column];
    assert_eq!(at(5, 5), 0, "air");
    assert_eq!(at(256, 256 - 230), 255, "the skull");
    // Fluid of about 20 HU through centre 40 and width 120.
    assert!((60..160).contains(&at(256, 330)), "{}", at(256, 330));
}

#[test]
fn of_a_clip_the_frame_that_is_asked_for_is_drawn_in_colour() {
    let file = sample(&samples::ultrasound_cine(7), 0);
    let frame = |frame| draw(file.as_slice(), &View { frame, ..png_view() });
    let (first, tenth) = (frame(0).unwrap(), frame(10).unwrap());
    assert_eq!((first.width, first.height, first.frames), (640, 480, 30));
    let last = 640 * 480 * 3;
    let dataset = file.len() - 30 * last;
    assert_eq!(pixels(&first), file[dataset..dataset + last]);
    assert_eq!(pixels(&tenth), file[dataset + 10 * last..dataset + 11 * last]);
    assert!(matches!(frame(30), Err(RenderError::NoSuchFrame { frame: 30, frames: 30 })));
}

#[test]
fn a_large_image_is_made_as_small_as_asked_and_keeps_its_shape() {
    let file = sample(&samples::xray(7), 0);
    let small = draw(file.as_slice(), &View { longest_edge: 300, ..png_view() }).unwrap();
    assert_eq!((small.width, small.height), (250, 300));
    let jpeg = draw(file.as_slice(), &View { longest_edge: 300, ..View::default() }).unwrap();
    assert!(jpeg.bytes.starts_with(&[0xFF, 0xD8]) && jpeg.bytes.len() < small.bytes.len());
}

#[test]
fn signed_values_of_odd_depth_are_grey_from_least_to_most_where_there_is_no_window() {
    let made =
        Made { bits: (16, 12), signed: true, pixels: shorts(&[-2048, 2047, 0, -1024]), ..Made::default() };
    assert_eq!(made.drawn(), [0, 255, 128, 64]);
    // What stands above the stored bits is no part of the value.
    let overlaid =
        made.pixels.iter().enumerate().map(|(at, byte)| if at % 2 == 1 { byte ^ 0xF0 } else { *byte });
    assert_eq!(Made { pixels: overlaid.collect(), ..made }.drawn(), [0, 255, 128, 64]);
}

#[test]
fn slope_and_intercept_come_before_the_window() {
    let mut more = window("0\\\\50 ", "101 ");
    more.extend([(Tag(0x28, 0x1052), b"DS", b"-10 ".into()), (Tag(0x28, 0x1053), b"DS", b"2 ".into())]);
    let made =
        Made { bits: (16, 16), pixels: shorts(&[-20, 5, 30, 100]), more, signed: true, ..Made::default() };
    // To -50, 0, 50, 190 by the modality; from -50.5 to 49.5 by the window.
    assert_eq!(made.drawn(), [1, 129, 255, 255]);
}

#[test]
fn brightness_and_contrast_move_and_narrow_the_window() {
    let made = Made { pixels: vec![0, 100, 128, 255], ..Made::default() };
    let seen = |brightness, contrast| {
        let view = View { brightness, contrast, ..png_view() };
        pixels(&draw(made.file().as_slice(), &view).unwrap())
    };
    assert_eq!(seen(0, 0), [0, 100, 128, 255]);
    assert_eq!(seen(100, 0), [255; 4]);
    assert_eq!(seen(-100, 0), [0; 4]);
    let [black, dark, light, white] = seen(0, 50)[..] else { panic!() };
    assert_eq!((black, white), (0, 255));
    assert!(dark < 100 && light >= 128);
}

#[test]
fn monochrome1_and_an_inverse_shape_are_negatives() {
    let made = Made { pixels: vec![0, 255, 10, 20], ..Made::default() };
    assert_eq!(Made { interpretation: "MONOCHROME1 ", ..made }.drawn(), [255, 0, 245, 235]);
    let more = vec![(Tag(0x2050, 0x20), b"CS", b"INVERSE ".to_vec())];
    let made = Made { pixels: vec![0, 255, 10, 20], more, ..Made::default() };
    assert_eq!(made.drawn(), [255, 0, 245, 235]);
}

#[test]
fn the_same_values_look_the_same_in_every_encoding() {
    for syntax in [LITTLE, IMPLICIT, BIG] {
        let values = [0_u16, 1000, 500, 250];
        let bytes = |value: u16| if syntax == BIG { value.to_be_bytes() } else { value.to_le_bytes() };
        let pixels = values.into_iter().flat_map(bytes).collect();
        assert_eq!(
            Made { syntax, bits: (16, 16), pixels, ..Made::default() }.drawn(),
            [0, 255, 128, 64],
            "{syntax}"
        );
    }
}

#[test]
fn colours_by_plane_by_brightness_and_by_table_come_out_as_red_green_and_blue() {
    let of_three =
        |interpretation, pixels| Made { samples: 3, interpretation, size: (1, 2), pixels, ..Made::default() };
    let red_and_blue = [255, 0, 0, 0, 0, 255];
    assert_eq!(of_three("RGB ", red_and_blue.to_vec()).drawn(), red_and_blue);
    let by_plane = Made {
        more: vec![(Tag(0x28, 0x6), b"US", vec![1, 0])],
        ..of_three("RGB ", vec![255, 0, 0, 0, 0, 255])
    };
    assert_eq!(by_plane.drawn(), red_and_blue);
    let ybr = of_three("YBR_FULL", vec![76, 85, 255, 29, 255, 107]).drawn();
    assert!(ybr.iter().zip(red_and_blue).all(|(one, other)| one.abs_diff(other) <= 2), "{ybr:?}");
    let grey = of_three("YBR_FULL_422", vec![10, 200, 128, 128]).drawn();
    assert_eq!(grey, [10, 10, 10, 200, 200, 200]);
    let table = |tag| (Tag(0x28, tag), b"US", vec![2, 0, 7, 0, 8, 0]);
    let data = |tag, entries: [u8; 2]| (Tag(0x28, tag), b"OW", entries.to_vec());
    let palette = Made {
        interpretation: "PALETTE COLOR ",
        size: (1, 2),
        pixels: vec![7, 8],
        more: vec![
            table(0x1101),
            table(0x1102),
            table(0x1103),
            data(0x1201, [255, 0]),
            data(0x1202, [0, 0]),
            data(0x1203, [0, 255]),
        ],
        ..Made::default()
    };
    assert_eq!(palette.drawn(), red_and_blue);
}

#[test]
fn single_bits_are_black_and_white() {
    let made = Made { bits: (1, 1), size: (2, 4), pixels: vec![0b0101_0011, 0], ..Made::default() };
    assert_eq!(made.drawn(), [255, 255, 0, 0, 255, 0, 255, 0]);
}

/// Pixel data of these fragments, after an empty offset table.
fn encapsulated(fragments: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"\xFE\xFF\x00\xE0\0\0\0\0".to_vec();
    for fragment in fragments {
        bytes.extend(b"\xFE\xFF\x00\xE0");
        bytes.extend(u32::try_from(fragment.len()).unwrap().to_le_bytes());
        bytes.extend(*fragment);
    }
    bytes.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    bytes
}

fn rle(values: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    (bytes[0], bytes[4]) = (1, 64);
    bytes.push(3);
    bytes.extend(values);
    bytes.push(128);
    bytes
}

#[test]
fn of_compressed_frames_the_one_asked_for_is_decoded() {
    let (first, second) = (rle([0, 255, 10, 20]), rle([255, 0, 20, 10]));
    let more = vec![(Tag(0x28, 0x8), b"IS", b"2 ".to_vec())];
    let pixels_of = encapsulated(&[&first, &second]);
    let made = Made { syntax: RLE, pixels: pixels_of, more, ..Made::default() };
    let frame = |frame| pixels(&draw(made.file().as_slice(), &View { frame, ..png_view() }).unwrap());
    assert_eq!((frame(0), frame(1)), (vec![0, 255, 10, 20], vec![255, 0, 20, 10]));
}

#[test]
fn without_a_table_a_fragment_that_begins_as_a_codestream_begins_a_frame() {
    let (first, mut second) = (jpeg(16, 8), Vec::new());
    let white = vec![255; 128];
    jpeg_encoder::Encoder::new(&mut second, 90).encode(&white, 16, 8, jpeg_encoder::ColorType::Luma).unwrap();
    let (one, two) = first.split_at(100);
    let mut more = window("128 ", "256 ");
    more.push((Tag(0x28, 0x8), b"IS", b"2 ".to_vec()));
    let pixels_of = encapsulated(&[one, two, &second]);
    let made = Made { syntax: JPEG, size: (8, 16), more, pixels: pixels_of, ..Made::default() };
    let frame = |frame| pixels(&draw(made.file().as_slice(), &View { frame, ..png_view() }).unwrap());
    assert_eq!((frame(0), frame(1)), (vec![128; 128], vec![255; 128]));
}

#[test]
fn bytes_in_big_endian_words_are_taken_in_their_order() {
    let pixels = vec![20, 10, 40, 30];
    let more = window("128 ", "256 ");
    assert_eq!(Made { syntax: BIG, pixels, more, ..Made::default() }.drawn(), [10, 20, 30, 40]);
}

fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let grey = vec![128; usize::from(width) * usize::from(height)];
    jpeg_encoder::Encoder::new(&mut bytes, 90)
        .encode(&grey, width, height, jpeg_encoder::ColorType::Luma)
        .unwrap();
    bytes
}

#[test]
fn a_jpeg_is_decoded_if_it_has_the_size_its_header_gives() {
    let made = |pixels| Made {
        syntax: JPEG,
        size: (8, 16),
        more: window("128 ", "256 "),
        pixels,
        ..Made::default()
    };
    assert_eq!(made(encapsulated(&[&jpeg(16, 8)])).drawn(), vec![128; 128]);
    let other = made(encapsulated(&[&jpeg(64, 64)])).file();
    assert!(matches!(draw(other.as_slice(), &png_view()), Err(RenderError::Undecodable)));
    let halves = jpeg(16, 8);
    let (one, two) = halves.split_at(100);
    assert_eq!(made(encapsulated(&[one, two])).drawn(), vec![128; 128], "one frame in two fragments");
}

#[test]
fn what_is_no_image_or_too_large_or_cut_is_refused_by_name() {
    let refused = |file: &[u8]| draw(file, &png_view()).unwrap_err();
    assert!(matches!(refused(&meta(LITTLE)), RenderError::Damaged(_)));
    assert!(matches!(refused(b"GIF89a"), RenderError::Read(_)));
    let huge = Made { size: (u16::MAX, u16::MAX), bits: (16, 16), ..Made::default() };
    assert!(matches!(refused(&huge.file()), RenderError::TooLarge { .. }));
    let short = Made { pixels: vec![1, 2], ..Made::default() };
    assert!(matches!(refused(&short.file()), RenderError::Damaged(_)));
    let jpeg_ls = Made { syntax: "1.2.840.10008.1.2.4.80", ..Made::default() };
    let mut file = jpeg_ls.file();
    file.truncate(file.len() - 4);
    file.extend(u32::MAX.to_le_bytes());
    file.extend(encapsulated(&[&[0; 8]]));
    assert!(matches!(refused(&file), RenderError::Encoding { .. }));
    let mut report = meta(LITTLE);
    report.extend(b"\x08\0\x60\0CS\x02\0SR");
    assert!(matches!(refused(&report), RenderError::NoImage));
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(
        syntax in prop::sample::select(vec![LITTLE, IMPLICIT, BIG, RLE, JPEG, "1.2.840.10008.1.2.1.99"]),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
        shape in (0_u16..5, 0_u16..5, 0_u16..5, 0_u16..33, 1_u16..33),
        pixels in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let (rows, columns, samples, allocated, stored) = shape;
        let pixels = if [RLE, JPEG].contains(&syntax) { encapsulated(&[&pixels, &jpeg(8, 8)]) } else { pixels };
        let made = Made { syntax, size: (rows, columns), samples, bits: (allocated, stored), pixels, ..Made::default() };
        let mut file = made.file();
        for (at, byte) in cuts {
            // The first bytes only say that it is a file at all.
            let at = 132 + at.index(file.len() - 132);
            file[at] = byte;
        }
        if cut {
            file.truncate(end.index(file.len()));
        }
        drop(draw(file.as_slice(), &png_view()));
    }
}
