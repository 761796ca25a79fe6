//! The sandbox's label: one page of 4 by 6 inches (PDF 1.4, ISO 32000), with the tracking number as bars
//! (Interleaved 2 of 5, ISO/IEC 16390). It says that it is none.

use crate::model::Site;
use crate::store::sandbox::Parcel;
use std::fmt::Write;

/// Wide and narrow elements of the digits 0 to 9.
const WIDE: [&str; 10] =
    ["00110", "10001", "01001", "11000", "00101", "10100", "01100", "00011", "10010", "01010"];

/// A narrow element, in points; a wide one is three times that.
const NARROW: usize = 1;

pub(super) fn pdf(parcel: &Parcel, from: &Site) -> Vec<u8> {
    let page = page(parcel, from);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 288 432] /Contents 4 0 R \
         /Resources << /Font << /F 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        offsets.push(file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let start = file.len();
    file += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    file.extend(offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")));
    file += &format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    file.into_bytes()
}

/// What is drawn, in the operators of a content stream.
fn page(parcel: &Parcel, from: &Site) -> String {
    let address = &parcel.to.address;
    let mut lines = vec![
        (9, "SANDBOX - NOT A SHIPPING LABEL".to_owned()),
        (8, format!("FROM {} {}", from.name, from.phone)),
    ];
    lines.extend(from.address.iter().map(|line| (8, line.clone())));
    lines.push((8, String::new()));
    lines.push((12, format!("TO {}", parcel.to.name)));
    lines.extend(address.lines.iter().map(|line| (12, line.clone())));
    lines.push((12, format!("{} {} {}", address.city, address.state, address.zip)));
    lines.push((8, format!("TEL {}", parcel.to.phone.as_deref().unwrap_or(&from.phone))));
    lines.push((8, String::new()));
    lines.push((14, parcel.service.name().to_uppercase()));
    lines.push((8, format!("SHIP DATE {}   REF {}", parcel.ship_on, parcel.customer_reference)));
    lines.push((14, format!("TRK# {}", parcel.tracking_number)));
    let (mut page, mut y) = (String::new(), 410_usize);
    for (size, line) in lines {
        page += &format!("BT /F {size} Tf 18 {y} Td ({}) Tj ET\n", printable(&line));
        y = y.saturating_sub(size + 6);
    }
    page + &bars(&parcel.tracking_number)
}

/// A text in the font's own characters, as a string of a content stream. Other scripts are not in the font.
fn printable(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '(' | ')' | '\\' => safe.extend(['\\', c]),
            ' '..='~' => safe.push(c),
            _ => safe.push('?'),
        }
    }
    safe
}

/// An even number of digits as bars.
fn bars(digits: &str) -> String {
    let digits: Vec<&str> =
        digits.chars().filter_map(|digit| WIDE.get(digit.to_digit(10)? as usize).copied()).collect();
    let pairs = digits.chunks_exact(2).flat_map(|pair| {
        pair[0].bytes().zip(pair[1].bytes()).flat_map(|(bar, space)| [bar == b'1', space == b'1'])
    });
    let elements = [false; 4].into_iter().chain(pairs).chain([true, false, false]);
    let (mut page, mut x) = (String::new(), 40);
    for (index, wide) in elements.enumerate() {
        let width = if wide { 3 * NARROW } else { NARROW };
        if index % 2 == 0 && writeln!(page, "{x} 30 {width} 80 re f").is_err() {
            break;
        }
        x += width;
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::delivery::PostalAddress;
    use crate::model::site::tests::phoenix;
    use crate::model::{Recipient, Service};
    use jiff::civil::date;

    #[test]
    fn a_label_is_a_page_whose_table_of_objects_points_at_them() {
        let address = PostalAddress {
            lines: vec!["1 Main (rear)".into()],
            city: "Dallas".into(),
            state: "TX".into(),
            zip: "75201".into(),
        };
        let parcel = Parcel {
            tracking_number: "794791341818".into(),
            customer_reference: "FR-0000-0001-1".into(),
            service: Service::TwoDay,
            ship_on: date(2026, 11, 23),
            to: Recipient { name: "Jané Doe".into(), address, phone: None },
            made_at: 0,
            collected_at: None,
            cancelled_at: None,
        };
        let file = String::from_utf8(pdf(&parcel, &phoenix())).unwrap();
        let start = file.rsplit("startxref\n").next().unwrap().lines().next().unwrap();
        let table = &file[start.parse::<usize>().unwrap()..];
        assert!(table.starts_with("xref\n0 6\n"));
        for (number, entry) in (1..=5).zip(table.lines().skip(3)) {
            let offset: usize = entry[..10].parse().unwrap();
            assert!(file[offset..].starts_with(&format!("{number} 0 obj")));
        }
        assert!(file.contains("(TRK# 794791341818)") && file.contains(r"(1 Main \(rear\))"));
        assert!(file.contains("(TO Jan? Doe)"));
        // Start, six pairs of five bars, stop.
        assert_eq!(file.matches(" re f\n").count(), 2 + 30 + 2);
    }
}
