use super::*;
use crate::desk::Who;
use crate::store::audit;
use crate::store::contract::desk::user;
use crate::store::contract::{in_tx, on_both_engines};
use imaging::chance::OsChance;
use jiff::civil::date;

const PASSWORD: &str = "correct horse battery";

fn acting(who: &Who) -> Acting<'_> {
    Acting { who, now_ms: 1_000, today: date(2026, 3, 20), chance: &OsChance }
}

const SETUP: Who = Who::Program("setup");

async fn ann(db: &Db, passwords: &Passwords) -> User {
    let hash = passwords.hash(&Secret::new(PASSWORD.into()), &OsChance).await.unwrap();
    let roles = || [Role::Release].into();
    let ann = in_tx!(db, |tx| add_user(tx, &acting(&SETUP), (" Ann ", "Ann Clerk"), roles())).unwrap();
    in_tx!(db, |tx| set_password(tx, &acting(&SETUP), &ann.id, &hash)).unwrap();
    ann
}

async fn try_to(
    db: &Db,
    passwords: &Passwords,
    login: &str,
    password: &str,
    now_ms: i64,
) -> Result<(Secret, SignedIn), SignInError> {
    sign_in(db, passwords, (login, &Secret::new(password.into())), now_ms, &OsChance).await
}

on_both_engines! {
    async fn a_session_lasts_while_it_is_used_and_twelve_hours_at_most(db) {
        let passwords = Passwords::default();
        let ann = ann(&db, &passwords).await;
        let (token, signed_in) = try_to(&db, &passwords, "ANN", PASSWORD, 0).await.unwrap();
        assert_eq!(signed_in.user, ann);
        let is_in = async |at: i64| session_of(&db, &token, at).await.unwrap().is_some();
        for minutes in (29..12 * 60).step_by(29) {
            assert!(is_in(minutes * 60_000).await, "{minutes}");
        }
        assert!(!is_in(LONGEST_MS).await);
        let (token, _) = try_to(&db, &passwords, "ann", PASSWORD, LONGEST_MS).await.unwrap();
        assert!(session_of(&db, &token, LONGEST_MS + IDLE_MS).await.unwrap().is_none());
        let (token, signed_in) = try_to(&db, &passwords, "ann", PASSWORD, 5).await.unwrap();
        in_tx!(db, |tx| sign_out(tx, &signed_in, 6, &OsChance)).unwrap();
        assert!(session_of(&db, &token, 7).await.unwrap().is_none());
        assert!(!format!("{token:?}").contains(token.reveal()));
    }

    async fn whoever_guesses_waits_longer_and_longer_whether_the_login_exists_or_not(db) {
        let passwords = Passwords::default();
        ann(&db, &passwords).await;
        for login in ["ann", "nobody"] {
            for guess in 0..6 {
                let refused = try_to(&db, &passwords, login, "wrong password here", guess).await;
                assert!(matches!(refused, Err(SignInError::Wrong)), "{login} {guess}");
            }
            let refused = try_to(&db, &passwords, login, PASSWORD, 10).await;
            assert!(matches!(refused, Err(SignInError::Wait { wait_seconds: 30 })), "{login} {refused:?}");
        }
        assert!(try_to(&db, &passwords, "ann", PASSWORD, 30_005).await.is_ok());
        assert!(matches!(try_to(&db, &passwords, "ann", "wrong password here", 30_006).await, Err(SignInError::Wrong)));
        assert!(try_to(&db, &passwords, "ann", PASSWORD, 30_007).await.is_ok(), "success forgets the failures");
    }

    async fn many_guesses_at_once_are_all_counted(db) {
        let passwords = Passwords::default();
        let guesses = (0..12).map(|_| {
            let (db, passwords) = (db.clone(), passwords.clone());
            tokio::spawn(async move { try_to(&db, &passwords, "ann", "wrong password here", 5).await })
        });
        let mut heard = 0;
        for guess in guesses.collect::<Vec<_>>() {
            heard += usize::from(matches!(guess.await.unwrap(), Err(SignInError::Wrong)));
        }
        assert!(heard <= 7, "{heard} guesses were looked at");
    }

    async fn a_token_has_its_users_rights_and_is_kept_only_hashed(db) {
        let ann = ann(&db, &Passwords::default()).await;
        let token = in_tx!(db, |tx| new_token(tx, &acting(&SETUP), &ann.id, "portal", None)).unwrap();
        assert!(token.reveal().starts_with("frt_"));
        let found = actor_of_token(&db, &token, 5).await.unwrap().unwrap();
        assert_eq!(found.user, ann);
        let kept = db.fetch_one("SELECT token_hash FROM api_tokens", []).await.unwrap().text(0).unwrap();
        assert!(!token.reveal().contains(&kept));
        assert!(actor_of_token(&db, &Secret::new("frt_00".into()), 5).await.unwrap().is_none());
    }

    async fn who_leaves_is_out_at_once_and_a_revoked_token_opens_nothing(db) {
        let passwords = Passwords::default();
        let ann = ann(&db, &passwords).await;
        let (session, _) = try_to(&db, &passwords, "ann", PASSWORD, 0).await.unwrap();
        let make = async |purpose| in_tx!(db, |tx| new_token(tx, &acting(&SETUP), &ann.id, purpose, None)).unwrap();
        let (first, second) = (make("portal").await, make("burner").await);
        let listed = users::tokens(&db).await.unwrap();
        let id = listed.iter().find(|token| token.purpose == "portal").unwrap().id.clone();
        let own = Who::Staff(SignedIn { user: ann.clone(), by: Means::CommandLine });
        assert!(in_tx!(db, |tx| revoke_token(tx, &acting(&own), &id)).is_err(), "a clerk manages no tokens");
        in_tx!(db, |tx| revoke_token(tx, &acting(&SETUP), &id)).unwrap();
        assert!(actor_of_token(&db, &first, 5).await.unwrap().is_none());
        assert!(actor_of_token(&db, &second, 5).await.unwrap().is_some());
        assert!(session_of(&db, &session, 5).await.unwrap().is_some());
        assert!(in_tx!(db, |tx| deactivate(tx, &acting(&own), &ann.id)).is_err());
        in_tx!(db, |tx| deactivate(tx, &acting(&SETUP), &ann.id)).unwrap();
        assert!(actor_of_token(&db, &second, 5).await.unwrap().is_none());
        assert!(session_of(&db, &session, 5).await.unwrap().is_none());
        assert!(matches!(try_to(&db, &passwords, "ann", PASSWORD, 9).await, Err(SignInError::Wrong)));
        assert_eq!(users::tokens(&db).await.unwrap(), []);
        let told: Vec<String> =
            audit::newest(&db, None, 9).await.unwrap().into_iter().map(|event| event.action).collect();
        for action in ["user.deactivated", "user.token_revoked"] {
            assert!(told.iter().any(|own| own == action), "{action} in {told:?}");
        }
    }

    async fn only_who_manages_users_adds_them_but_anyone_sets_their_own_password(db) {
        let clerk = user("ben", &[Role::Release]);
        in_tx!(db, |tx| users::add(tx, &clerk)).unwrap();
        let ben = Who::Staff(SignedIn { user: clerk.clone(), by: Means::CommandLine });
        let roles = || [Role::Administrator].into();
        let added = in_tx!(db, |tx| add_user(tx, &acting(&ben), ("eve", "Eve"), roles()));
        assert!(matches!(added, Err(DeskError::NotPermitted(_))));
        in_tx!(db, |tx| set_password(tx, &acting(&ben), &clerk.id, "$h")).unwrap();
        let root = in_tx!(db, |tx| add_user(tx, &acting(&SETUP), ("root", "Root"), roles())).unwrap();
        assert!(in_tx!(db, |tx| set_password(tx, &acting(&ben), &root.id, "$h")).is_err());
        for (login, roles, field) in [("root", roles(), "login"), ("a b", roles(), "login"), ("zoe", BTreeSet::new(), "roles")] {
            let refused = in_tx!(db, |tx| add_user(tx, &acting(&SETUP), (login, "Zoe"), roles));
            assert!(matches!(refused, Err(DeskError::Invalid { field: named, .. }) if named == field), "{login}");
        }
    }
}

#[tokio::test]
async fn a_short_password_is_not_taken() {
    let hash = Passwords::default().hash(&Secret::new("fourteen chars".into()), &OsChance).await;
    assert!(matches!(hash, Err(PasswordError::Length)));
}
