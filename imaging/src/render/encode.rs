//! Pictures as files.

use super::paint::Painted;
use super::{Format, Picture, RenderError};

/// How near to the frame a JPEG is: nothing that one would notice is lost.
const JPEG_QUALITY: u8 = 90;

pub(super) fn encode(painted: Painted, format: Format, frames: u32) -> Result<Picture, RenderError> {
    let Painted { width, height, .. } = painted;
    let bytes = match format {
        Format::Png => png(&painted).map_err(|error| RenderError::Encode(error.to_string()))?,
        Format::Jpeg => jpeg(&painted).map_err(|error| RenderError::Encode(error.to_string()))?,
    };
    Ok(Picture { format, bytes, width, height, frames })
}

fn png(painted: &Painted) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, painted.width.into(), painted.height.into());
    encoder.set_color(if painted.in_colour { png::ColorType::Rgb } else { png::ColorType::Grayscale });
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&painted.bytes)?;
    writer.finish()?;
    Ok(bytes)
}

fn jpeg(painted: &Painted) -> Result<Vec<u8>, jpeg_encoder::EncodingError> {
    let mut bytes = Vec::new();
    let colours =
        if painted.in_colour { jpeg_encoder::ColorType::Rgb } else { jpeg_encoder::ColorType::Luma };
    jpeg_encoder::Encoder::new(&mut bytes, JPEG_QUALITY).encode(
        &painted.bytes,
        painted.width,
        painted.height,
        colours,
    )?;
    Ok(bytes)
}
