//! Who counts.

use super::*;
use crate::bind::Digest;
use proptest::prelude::*;

const REQUEST: &[u8] = b"{\"id\":\"7f3k2m9qv0ab\",\"v\":1}\n";

/// Four people; anna has two ordinary keys and a hardware one.
struct Town {
    roster: Roster,
    anna: Pair,
    anna_home: Pair,
    anna_touch: Pair,
    bob: Pair,
    carol: Pair,
    dave: Pair,
    stranger: Pair,
}

impl Town {
    fn new() -> Town {
        let [anna, anna_home, bob, carol, dave, stranger] = [1, 2, 3, 4, 5, 6].map(Pair::ed25519);
        let anna_touch = Pair::new(Kind::SkEd25519, 7);
        let approvers = [
            anna.line("anna"),
            anna_home.line("anna"),
            anna_touch.line("anna"),
            bob.line("bob"),
            carol.line("carol"),
            dave.line("dave"),
        ];
        let groups = "sre = [\"anna\", \"bob\"]\ndba = [\"bob\", \"carol\"]\n";
        let roster = read(&approvers.concat(), groups, "").unwrap();
        Town { roster, anna, anna_home, anna_touch, bob, carol, dave, stranger }
    }

    fn all(&self) -> [&Pair; 7] {
        [&self.anna, &self.anna_home, &self.anna_touch, &self.bob, &self.carol, &self.dave, &self.stranger]
    }
}

fn count(town: &Town, requester: &Requester, demanded: &Demanded, votes: &[Vote]) -> Tally {
    let id = id();
    tally(
        &Ballot { roster: &town.roster, demanded, requester, id: &id, request: REQUEST, now: noon() },
        votes,
    )
}

fn says(kind: StatementKind, pair: &Pair, request: &[u8], id: &str) -> Vote {
    let statement =
        statement(kind, &ActionId::parse(id).unwrap(), &Digest::of(request).to_string(), "because", noon());
    let signature = pair.sign(statement.as_bytes());
    match kind {
        StatementKind::Rejection => Vote::Rejection { statement, signature },
        StatementKind::Review => Vote::Review { statement, signature },
    }
}

fn rejects(pair: &Pair) -> Vote {
    says(StatementKind::Rejection, pair, REQUEST, "7f3k2m9qv0ab")
}

fn reviews(pair: &Pair) -> Vote {
    says(StatementKind::Review, pair, REQUEST, "7f3k2m9qv0ab")
}

fn who(tally: &Tally) -> Vec<&str> {
    tally.approvals.iter().map(|approval| approval.person.as_str()).collect()
}

fn why(tally: &Tally) -> Vec<String> {
    tally.void.iter().map(|void| void.why.to_string()).collect()
}

#[test]
fn two_people_are_two_people() {
    let town = Town::new();
    let two = demand(2, &[]);
    let votes = [town.bob.approves(REQUEST), town.carol.approves(REQUEST)];
    let one = count(&town, &agent(), &two, &votes[..1]);
    assert!(!one.met());
    assert_eq!((who(&one), one.missing.people), (vec!["bob"], 1));
    let both = count(&town, &agent(), &two, &votes);
    assert!(both.met());
    assert_eq!((who(&both), &both.void), (vec!["bob", "carol"], &vec![]));
    assert_eq!(both.approvals[0].vote_sha256, votes[0].sha256());
}

#[test]
fn keys_are_not_people() {
    let town = Town::new();
    let votes = [&town.anna, &town.anna_home, &town.anna_touch].map(|pair| pair.approves(REQUEST));
    let tally = count(&town, &human("anna"), &demand(2, &[]), &votes);
    assert_eq!((who(&tally), tally.missing.people), (vec!["anna"], 1));
    assert_eq!(tally.approvals[0].touch, Touch::Shown, "the strongest of them is kept");
    assert_eq!(why(&tally), ["anna has approved already, and counts once"; 2]);
    assert!(tally.void.iter().all(|void| void.who.as_deref() == Some("anna") && void.key.is_some()));
}

#[test]
fn groups_are_joined_by_and() {
    let town = Town::new();
    let (bob, carol, dave) = (&town.bob, &town.carol, &town.dave);
    let rows = [
        (demand(1, &["sre"]), vec![bob], true, vec![]),
        (demand(1, &["sre", "dba"]), vec![bob], true, vec![]),
        (demand(2, &["sre", "dba"]), vec![bob], false, vec![]),
        (demand(2, &["sre", "dba"]), vec![bob, dave], true, vec![]),
        (demand(1, &["sre", "dba"]), vec![carol], false, vec!["sre"]),
        (demand(1, &["dba", "dba"]), vec![dave], false, vec!["dba"]),
        (demand(1, &["nowhere"]), vec![bob], false, vec!["nowhere"]),
    ];
    for (demanded, pairs, met, missing) in rows {
        let votes: Vec<Vote> = pairs.iter().map(|pair| pair.approves(REQUEST)).collect();
        let tally = count(&town, &agent(), &demanded, &votes);
        assert_eq!((tally.met(), &tally.missing.groups), (met, &demand(0, &missing).groups), "{demanded:?}");
    }
}

#[test]
fn no_demand_is_met_by_nobody() {
    let town = Town::new();
    let tally = count(&town, &agent(), &demand(0, &[]), &[]);
    assert!(!tally.met());
    assert_eq!(tally.missing.people, 1);
}

#[test]
fn whoever_asks_counts_once_and_a_machine_needs_a_finger() {
    let town = Town::new();
    let own = [town.anna.approves(REQUEST)];
    assert!(count(&town, &human("anna"), &demand(1, &[]), &own).met());
    for requester in [agent(), Requester { kind: ActorKind::Ci, ..agent() }] {
        let tally = count(&town, &requester, &demand(1, &[]), &own);
        assert!(!tally.met());
        let kind = requester.kind;
        assert_eq!(
            why(&tally),
            [format!(
                "anna is the account that the {kind} itself runs under; only a touched hardware key would show a human"
            )]
        );
        let touched = count(&town, &requester, &demand(1, &[]), &[town.anna_touch.approves(REQUEST)]);
        assert!(touched.met());
    }
}

#[test]
fn two_names_of_whoever_asks_are_one_person() {
    let (one, two, bob) = (Pair::ed25519(1), Pair::ed25519(2), Pair::ed25519(3));
    let text = one.line("anna") + &two.line("anna@example.com") + &bob.line("bob");
    let roster = read(&text, "dba = [\"anna@example.com\"]", "").unwrap();
    let (demanded, requester, id) = (demand(2, &["dba"]), human("anna"), id());
    let ballot = Ballot {
        roster: &roster,
        demanded: &demanded,
        requester: &requester,
        id: &id,
        request: REQUEST,
        now: noon(),
    };
    let tally = tally(&ballot, &[one.approves(REQUEST), two.approves(REQUEST)]);
    assert_eq!(who(&tally), ["anna@example.com"], "the name that stands for a demanded group");
    assert_eq!(tally.missing, Missing { people: 1, groups: vec![] });
    assert_eq!(why(&tally), ["anna@example.com and anna are both the one who asks, and count once"]);
    let other = Ballot { requester: &human("carol"), ..ballot };
    let counted = super::tally(&other, &[one.approves(REQUEST), two.approves(REQUEST)]);
    assert!(counted.met(), "of anybody else they are two people");
}

#[test]
fn votes_that_do_not_count_say_why() {
    let town = Town::new();
    let rows: Vec<(Vote, Option<&str>, &str)> = vec![
        (town.bob.approves(b"another request\n"), None, "it is not over these bytes"),
        (town.bob.approves(&REQUEST[..REQUEST.len() - 1]), None, "it is not over these bytes"),
        (town.stranger.approves(REQUEST), None, "the key is nobody's"),
        (Vote::Approval(String::new()), None, "not a signature as"),
        (
            Vote::Approval(Forge { namespace: b"file", ..Forge::of(&town.bob) }.sign(REQUEST)),
            None,
            "it is made for `file`",
        ),
        (
            Vote::Approval(Forge { flags: 0, ..Forge::of(&town.anna_touch) }.sign(REQUEST)),
            None,
            "the hardware key was not touched",
        ),
        (reviews(&town.bob), None, "it is a review"),
        (
            says(StatementKind::Rejection, &town.bob, b"x", "7f3k2m9qv0ab"),
            Some("bob"),
            "about another request",
        ),
        (
            says(StatementKind::Rejection, &town.bob, REQUEST, "7f3k2m9qv0ac"),
            Some("bob"),
            "about another request (7f3k2m9qv0ac)",
        ),
        (rejects(&town.stranger), None, "the key is nobody's"),
    ];
    for (vote, person, expected) in rows {
        let tally = count(&town, &agent(), &demand(1, &[]), std::slice::from_ref(&vote));
        let [void] = tally.void.as_slice() else { panic!("{expected}: {tally:?}") };
        assert_eq!((void.who.as_deref(), &void.vote_sha256), (person, &vote.sha256()));
        assert!(void.why.to_string().contains(expected), "{expected}: {}", void.why);
        assert!(!tally.met() && tally.approvals.is_empty() && tally.rejections.is_empty());
    }
}

/// A statement that somebody else signed, or that was put under another kind by hand.
#[test]
fn a_statement_counts_as_what_it_says() {
    let town = Town::new();
    let (Vote::Review { statement, signature }, Vote::Rejection { signature: other, .. }) =
        (reviews(&town.bob), rejects(&town.bob))
    else {
        panic!("as built")
    };
    let disguised = Vote::Rejection { statement: statement.clone(), signature };
    let tally = count(&town, &agent(), &demand(1, &[]), &[disguised]);
    assert_eq!(
        (why(&tally).concat().as_str(), tally.rejections.len()),
        ("it is a review, which is not what is asked for here", 0)
    );
    let mixed = Vote::Rejection { statement, signature: other };
    assert!(
        why(&count(&town, &agent(), &demand(1, &[]), &[mixed])).concat().contains("not over these bytes")
    );
    let signature = town.bob.sign(b"{}\n");
    let free = Vote::Rejection { statement: "{}\n".to_owned(), signature };
    assert!(
        why(&count(&town, &agent(), &demand(1, &[]), &[free])).concat().contains("not as `remgate` writes")
    );
}

#[test]
fn one_rejection_refuses_whatever_else_is_said() {
    let town = Town::new();
    let votes =
        [town.bob.approves(REQUEST), town.carol.approves(REQUEST), rejects(&town.dave), rejects(&town.bob)];
    let tally = count(&town, &agent(), &demand(1, &[]), &votes);
    assert_eq!(tally.missing, Missing::default());
    assert!(!tally.met());
    let because = |name: &str| (name.to_owned(), "because".to_owned());
    assert_eq!(tally.rejections, [because("bob"), because("dave")]);
    // Refusing needs no finger: a machine that refuses itself does no harm.
    assert!(!count(&town, &agent(), &demand(1, &[]), &[votes[0].clone(), rejects(&town.anna)]).met());
}

#[test]
fn time_and_revocation_are_asked_at_the_count() {
    let pair = Pair::ed25519(1);
    let line = format!("bob namespaces=\"remgate\",valid-before=\"20261121120001Z\" {}", pair.text());
    let votes = [pair.approves(REQUEST)];
    let (demanded, requester, id) = (demand(1, &[]), agent(), id());
    let roster = read(&line, "", "").unwrap();
    let ballot = Ballot {
        roster: &roster,
        demanded: &demanded,
        requester: &requester,
        id: &id,
        request: REQUEST,
        now: noon(),
    };
    assert!(tally(&ballot, &votes).met());
    let late = tally(&Ballot { now: at("2026-11-21T12:00:01Z"), ..ballot }, &votes);
    assert_eq!(why(&late), ["the key of bob counted until 2026-11-21T12:00:01Z"]);
    assert_eq!(late.void[0].who.as_deref(), Some("bob"));
    let roster = read(&line, "", &pair.text()).unwrap();
    let gone = tally(&Ballot { roster: &roster, ..ballot }, &votes);
    assert_eq!(why(&gone), ["the key of bob is revoked"]);
}

#[test]
fn somebody_else_reviews() {
    let town = Town::new();
    let (demanded, requester, id) = (demand(1, &[]), human("anna"), id());
    let ballot = Ballot {
        roster: &town.roster,
        demanded: &demanded,
        requester: &requester,
        id: &id,
        request: REQUEST,
        now: noon(),
    };
    let names =
        |votes: &[Vote]| reviewed(&ballot, votes).into_iter().map(|review| review.person).collect::<Vec<_>>();
    assert_eq!(names(&[reviews(&town.anna), reviews(&town.anna_touch)]), [""; 0]);
    assert_eq!(names(&[rejects(&town.bob), town.bob.approves(REQUEST), reviews(&town.stranger)]), [""; 0]);
    assert_eq!(names(&[says(StatementKind::Review, &town.bob, b"x", "7f3k2m9qv0ab")]), [""; 0]);
    assert_eq!(names(&[reviews(&town.bob), reviews(&town.anna), reviews(&town.bob)]), ["bob"]);
}

/// Approvals and rejections of the town, made once: signing takes most of a test's time.
fn ballots() -> &'static (Town, Vec<Vote>) {
    static BALLOTS: std::sync::OnceLock<(Town, Vec<Vote>)> = std::sync::OnceLock::new();
    BALLOTS.get_or_init(|| {
        let town = Town::new();
        let mut votes: Vec<Vote> = town.all().map(|pair| pair.approves(REQUEST)).to_vec();
        votes.extend(town.all().map(rejects));
        votes.push(town.bob.approves(b"other"));
        votes.push(reviews(&town.bob));
        (town, votes)
    })
}

fn chosen() -> impl Strategy<Value = Vec<Vote>> {
    let index = prop_oneof![8 => 0..7_usize, 1 => 7..16_usize];
    prop::collection::vec(index, 0..7)
        .prop_map(|all| all.into_iter().map(|at| ballots().1[at].clone()).collect())
}

fn asked() -> impl Strategy<Value = (Requester, Demanded)> {
    let requester = prop::sample::select(vec![agent(), human("anna"), human("bob"), human("erin")]);
    let groups = prop::sample::subsequence(vec!["sre", "dba"], 0..=2);
    (requester, 0..4_u8, groups).prop_map(|(requester, people, groups)| (requester, demand(people, &groups)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_votes_decides_nothing(
        votes in chosen().prop_shuffle(),
        (requester, demanded) in asked(),
    ) {
        let mut sorted = votes.clone();
        sorted.sort_by_key(Vote::sha256);
        let town = &ballots().0;
        let tally = count(town, &requester, &demanded, &votes);
        prop_assert_eq!(&tally, &count(town, &requester, &demanded, &sorted));
        let doubled = [votes.clone(), votes].concat();
        prop_assert_eq!(&tally, &count(town, &requester, &demanded, &doubled));
    }

    #[test]
    fn people_and_keys_count_once(votes in chosen(), (requester, demanded) in asked()) {
        let tally = count(&ballots().0, &requester, &demanded, &votes);
        let people: std::collections::BTreeSet<_> = who(&tally).into_iter().collect();
        let keys: std::collections::BTreeSet<_> = tally.approvals.iter().map(|approval| &approval.key).collect();
        prop_assert_eq!(people.len(), tally.approvals.len());
        prop_assert_eq!(keys.len(), tally.approvals.len());
        if tally.met() {
            prop_assert!(people.len() >= usize::from(demanded.people.max(1)));
            prop_assert!(tally.rejections.is_empty());
        }
        let counted = tally.approvals.len() + tally.void.len();
        let names: std::collections::BTreeSet<_> = votes.iter().map(Vote::sha256).collect();
        prop_assert!(counted <= names.len(), "a vote is counted or void, not both");
    }

    #[test]
    fn more_votes_never_leave_more_missing(
        votes in chosen(),
        more in chosen(),
        (requester, demanded) in asked(),
    ) {
        let town = &ballots().0;
        let before = count(town, &requester, &demanded, &votes);
        let after = count(town, &requester, &demanded, &[votes, more].concat());
        prop_assert!(after.missing.people <= before.missing.people);
        prop_assert!(after.missing.groups.len() <= before.missing.groups.len());
        prop_assert!(before.rejections.is_empty() || !after.met(), "a rejection is for good");
    }

    /// What `could_meet` calls hopeless is not met by everybody's approval, and the rest is.
    #[test]
    fn hopeless_is_what_everybody_together_cannot_meet((requester, demanded) in asked()) {
        let (town, votes) = ballots();
        let hope = town.roster.could_meet(&demanded, &requester, noon());
        let all = count(town, &requester, &demanded, &votes[..7]);
        prop_assert_eq!(hope.is_ok(), all.met(), "{:?} {:?}", hope, all.missing);
    }
}
