use super::{in_tx, on_both_engines};
use crate::store::StoreError;
use crate::store::db::{Dialect, Many, Value, list};

const TABLE: &str = "CREATE TABLE things (id TEXT PRIMARY KEY, number BIGINT, name TEXT, bytes BLOB)";
const PUT: &str = "INSERT INTO things (id, number, name, bytes) VALUES ($1, $2, $3, $4)";

async fn with_table(db: &crate::store::db::Db) {
    let table = match db.dialect() {
        Dialect::Sqlite => TABLE.to_owned(),
        Dialect::Postgres => TABLE.replace("BLOB", "BYTEA"),
    };
    super::run(db, table).await;
}

on_both_engines! {
    async fn every_kind_of_value_comes_back_as_it_was_put(db) {
        with_table(&db).await;
        let full = [Value::from("a"), i64::MIN.into(), "Ж山 \"quoted\"".into(), vec![0_u8, 255].into()];
        in_tx!(db, |tx| tx.execute(PUT, full)).unwrap();
        in_tx!(db, |tx| tx.execute(PUT, [Value::from("b"), Value::Null, Value::Null, Value::Null])).unwrap();
        let row = db.fetch_one("SELECT * FROM things WHERE id = $1", ["a".into()]).await.unwrap();
        assert_eq!(row.i64("number").unwrap(), i64::MIN);
        assert_eq!(row.text(2).unwrap(), "Ж山 \"quoted\"");
        assert_eq!(row.bytes("bytes").unwrap(), [0, 255]);
        let row = db.fetch_one("SELECT * FROM things WHERE id = $1", ["b".into()]).await.unwrap();
        assert_eq!((row.opt_i64("number").unwrap(), row.opt_text("name").unwrap()), (None, None));
    }

    async fn a_row_that_does_not_parse_names_table_and_column(db) {
        with_table(&db).await;
        in_tx!(db, |tx| tx.execute(PUT, ["a".into(), (-1_i64).into(), Value::Null, Value::Null])).unwrap();
        let row = db.fetch_one("SELECT * FROM things", []).await.unwrap().of("things");
        for error in [row.text("name").unwrap_err(), row.json::<Vec<u8>>("name").unwrap_err()] {
            assert_eq!(error.to_string(), "a row of things cannot be understood: column name");
        }
        assert!(row.i64("name").is_err() && row.bytes("bytes").is_err() && row.text("number").is_err());
        assert!(matches!(row.u64("number"), Err(StoreError::Inconsistent { table: "things", .. })));
        assert!(matches!(row.flag("number"), Err(StoreError::Inconsistent { .. })));
        assert!(matches!(row.text("absent"), Err(StoreError::Inconsistent { .. })));
    }

    async fn a_dropped_transaction_has_done_nothing(db) {
        with_table(&db).await;
        let mut tx = db.begin().await.unwrap();
        tx.execute(PUT, ["a".into(), Value::Null, Value::Null, Value::Null]).await.unwrap();
        assert_eq!(tx.fetch_all("SELECT id FROM things", []).await.unwrap().len(), 1);
        assert_eq!(db.fetch_all("SELECT id FROM things", []).await.unwrap().len(), 0);
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        assert_eq!(tx.fetch_all("SELECT id FROM things", []).await.unwrap().len(), 0);
    }

    async fn a_second_row_of_the_same_key_is_a_conflict_and_no_value_is_said(db) {
        with_table(&db).await;
        let row = || ["secret".into(), Value::Null, Value::Null, Value::Null];
        in_tx!(db, |tx| tx.execute(PUT, row())).unwrap();
        let error = in_tx!(db, |tx| tx.execute(PUT, row())).unwrap_err();
        assert!(matches!(error, StoreError::Conflict { .. }));
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }

    async fn one_row_means_one_row(db) {
        with_table(&db).await;
        let all = "SELECT id FROM things";
        assert!(db.fetch_optional(all, []).await.unwrap().is_none());
        assert!(matches!(db.fetch_one(all, []).await, Err(StoreError::Missing { .. })));
        for id in ["a", "b"] {
            in_tx!(db, |tx| tx.execute(PUT, [id.into(), Value::Null, Value::Null, Value::Null])).unwrap();
        }
        assert!(matches!(db.fetch_optional(all, []).await, Err(StoreError::WrongCount { found: 2, .. })));
    }

    async fn thousands_of_rows_go_in_with_one_call_and_are_found_by_a_list(db) {
        with_table(&db).await;
        let many = Many { head: "INSERT INTO things (id, number)", width: 2, tail: "ON CONFLICT (id) DO NOTHING" };
        let rows = |count: i64| (0..count).flat_map(|n| [n.to_string().into(), n.into()]).collect();
        assert_eq!(in_tx!(db, |tx| tx.execute_many(&many, rows(3_001))).unwrap(), 3_001);
        assert_eq!(in_tx!(db, |tx| tx.execute_many(&many, rows(3_002))).unwrap(), 1);
        let among = db.dialect().in_list("id", 1);
        let sql = crate::store::db::composed(format!("SELECT id FROM things WHERE {among}"));
        let ids: Vec<String> = (2_900..3_100).map(|n| n.to_string()).collect();
        let found = db.fetch_all(sql, [list(ids.iter().map(String::as_str))]).await.unwrap();
        assert_eq!(found.len(), 102);
    }

    async fn writers_wait_for_each_other(db) {
        with_table(&db).await;
        let put = |id: i64| {
            let db = db.clone();
            tokio::spawn(async move {
                in_tx!(db, |tx| tx.execute(PUT, [id.to_string().into(), id.into(), Value::Null, Value::Null])).unwrap();
            })
        };
        for task in (0..40).map(put).collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert_eq!(db.fetch_one("SELECT count(*) FROM things", []).await.unwrap().i64(0).unwrap(), 40);
    }
}

#[tokio::test]
async fn a_database_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("filmroom.db");
    let db = crate::store::db::Db::open(
        &format!("sqlite:{}", path.display()).parse().unwrap(),
        std::sync::Arc::new(crate::clock::SystemClock),
    )
    .await
    .unwrap();
    super::run(&db, TABLE.to_owned()).await;
    for name in ["filmroom.db", "filmroom.db-wal"] {
        let mode = std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
