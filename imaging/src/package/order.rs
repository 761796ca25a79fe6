//! The order in which instances are looked at.

use super::Instance;
use crate::index::Tag;

const POSITION: Tag = Tag(0x0020, 0x0032);
const ORIENTATION: Tag = Tag(0x0020, 0x0037);
/// How far direction cosines of parallel planes may differ: scanners round them.
const SAME_DIRECTION: f64 = 1e-3;

/// Sorts the instances of a series along the normal of their planes (PS3.3 §C.7.6.2.1.1), if all are
/// parallel and say where they are. Else they stay as they are: by number.
pub fn in_viewing_order(instances: &mut [Instance]) {
    let Some(places) = places(instances) else { return };
    let mut order: Vec<usize> = (0..instances.len()).collect();
    order.sort_by(|one, other| places[*one].total_cmp(&places[*other]));
    let sorted: Vec<Instance> = order.into_iter().map(|at| instances[at].clone()).collect();
    instances.clone_from_slice(&sorted);
}

/// How far along the normal each instance is.
fn places(instances: &[Instance]) -> Option<Vec<f64>> {
    let first: [f64; 6] = numbers(instances.first()?, ORIENTATION)?;
    let [rx, ry, rz, cx, cy, cz] = first;
    let normal = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
    let place = |instance: &Instance| {
        let orientation: [f64; 6] = numbers(instance, ORIENTATION)?;
        let parallel = orientation.iter().zip(first).all(|(one, other)| (one - other).abs() < SAME_DIRECTION);
        let position: [f64; 3] = numbers(instance, POSITION)?;
        parallel.then(|| position.iter().zip(normal).map(|(along, weight)| along * weight).sum())
    };
    instances.iter().map(place).collect()
}

/// The numbers of a decimal string, if there are just so many and all are finite.
fn numbers<const N: usize>(instance: &Instance, tag: Tag) -> Option<[f64; N]> {
    let numbers = instance.keys.text(tag)?.split('\\').map(|number| number.trim().parse().ok());
    let numbers: Vec<f64> = numbers.collect::<Option<_>>()?;
    <[f64; N]>::try_from(numbers).ok().filter(|numbers| numbers.iter().all(|number| number.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Member, Method};
    use crate::dicomdir::Keys;

    fn slice(number: i64, position: &str, orientation: &str) -> Instance {
        let (sha256, dataset_sha256) = ([0; 32], [0; 32]);
        Instance {
            sop_instance_uid: format!("1.2.{number}"),
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
            transfer_syntax_uid: "1.2.840.10008.1.2.1".into(),
            number: Some(number),
            keys: Keys::parse(&format!(r#"{{"00200032":{position:?},"00200037":{orientation:?}}}"#)).unwrap(),
            object: 0,
            member: Member {
                offset: 0,
                stored_bytes: 1,
                method: Method::Stored,
                source_bytes: 1,
                crc32: 0,
                sha256,
                dataset_sha256,
            },
        }
    }

    fn numbers_of(mut instances: Vec<Instance>) -> Vec<i64> {
        in_viewing_order(&mut instances);
        instances.iter().filter_map(|instance| instance.number).collect()
    }

    #[test]
    fn slices_go_along_their_normal_whatever_their_numbers() {
        let axial = "1\\0\\0\\0\\1\\0";
        let slices =
            vec![slice(1, "0\\0\\10", axial), slice(2, "0\\0\\-5.5", axial), slice(3, "9\\9\\2", axial)];
        assert_eq!(numbers_of(slices), [2, 3, 1]);
        let coronal = "1\\0\\0\\0\\0\\-1";
        let slices =
            vec![slice(1, "0\\3\\7", coronal), slice(2, "0\\1\\0", coronal), slice(3, "0\\2\\5", coronal)];
        assert_eq!(numbers_of(slices), [2, 3, 1]);
    }

    #[test]
    fn what_is_not_one_stack_stays_by_number() {
        let axial = "1\\0\\0\\0\\1\\0";
        let scout = slice(2, "0\\0\\-5", "0\\1\\0\\0\\0\\-1");
        assert_eq!(numbers_of(vec![slice(1, "0\\0\\10", axial), scout]), [1, 2]);
        let nowhere = slice(2, "", axial);
        assert_eq!(numbers_of(vec![slice(1, "0\\0\\10", axial), nowhere]), [1, 2]);
        assert_eq!(numbers_of(vec![]), [0; 0]);
    }
}
