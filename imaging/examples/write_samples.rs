//! Writes the sample studies as DICOM files: `write_samples DIR [SLICES [SEED]]`.

use std::path::{Path, PathBuf};

use dicom::object::FileMetaTableBuilder;
use imaging::samples::{self, SampleInstance, SampleStudy};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("give a folder to write to")?);
    let slices = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    for study in [samples::ct(slices, seed), samples::xray(seed), samples::ultrasound_cine(seed)] {
        write_study(&folder, &study)?;
    }
    Ok(())
}

fn write_study(folder: &Path, study: &SampleStudy) -> Result<(), Failure> {
    let folder = folder.join(study.modality);
    std::fs::create_dir_all(&folder)?;
    for (index, instance) in study.instances.iter().enumerate() {
        let mut file = part10_header(instance)?;
        file.extend(study.dataset(index)?);
        std::fs::write(folder.join(format!("{:05}.dcm", instance.instance_number)), file)?;
    }
    Ok(())
}

/// Preamble, prefix and file meta information (PS3.10 7.1).
fn part10_header(instance: &SampleInstance) -> Result<Vec<u8>, Failure> {
    let meta = FileMetaTableBuilder::new()
        .media_storage_sop_class_uid(instance.sop_class_uid)
        .media_storage_sop_instance_uid(&instance.sop_instance_uid)
        .transfer_syntax(instance.transfer_syntax_uid)
        .build()?;
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    meta.write(&mut bytes)?;
    Ok(bytes)
}
