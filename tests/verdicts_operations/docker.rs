//! docker and docker compose.

use crate::stand::hold;
use remgate::facts::Effect::{
    Availability, Data, Disclosure, Isolated, None as Nothing, Permissions, Secrets,
};

#[test]
fn docker_verdicts() {
    hold(&[
        ("docker ps -aq --filter name=web", "run", &[Nothing]),
        ("docker -c prod logs -f --tail 5 web", "run", &[Nothing]),
        ("docker -H tcp://192.0.2.1 container ls", "run", &[Nothing]),
        ("docker logs exec", "run", &[Nothing]),
        ("docker logs login", "run", &[Nothing]),
        ("docker compose -f a.yml -p shop ps", "run", &[Nothing]),
        ("docker compose logs -f web", "run", &[Nothing]),
        ("docker restart web", "run", &[Isolated]),
        ("docker container start web api", "run", &[Isolated]),
        ("docker pull web:2", "run", &[Isolated]),
        ("docker volume create data", "confirm", &[Isolated]),
        ("docker compose config", "confirm", &[Disclosure]),
        ("docker swarm join-token worker", "confirm", &[Disclosure]),
        ("docker stop web", "confirm", &[Availability]),
        ("docker run --rm alpine ls -l", "confirm", &[Isolated]),
        ("docker run -v /srv/app:/app web --privileged", "confirm", &[Isolated]),
        ("docker rm -f web", "confirm", &[Isolated]),
        ("docker image prune -af", "confirm", &[Isolated]),
        ("docker compose down", "confirm", &[Availability]),
        ("docker compose restart", "confirm", &[Availability]),
        ("docker build -t web .", "confirm", &[Isolated]),
        ("docker push web", "confirm", &[Availability]),
        ("docker context use prod", "confirm", &[Isolated]),
        ("docker exec -it web rm -rf /data", "two-person", &[Data]),
        ("docker volume rm data", "two-person", &[Data]),
        ("docker rm -fv web", "two-person", &[Data]),
        ("docker system prune -af --volumes", "two-person", &[Data]),
        ("docker system prune -af", "two-person", &[Isolated]),
        ("docker compose -f a.yml down -v", "two-person", &[Data, Availability]),
        ("docker run --privileged alpine", "two-person", &[Permissions]),
        ("docker run -itv /:/host alpine", "two-person", &[Permissions]),
        ("docker container run --mount type=bind,src=/etc,dst=/e alpine", "two-person", &[Permissions]),
        ("docker run -v /var/run/docker.sock:/s alpine", "two-person", &[Permissions]),
        ("docker plugin install x", "two-person", &[Permissions]),
        ("docker node promote worker-1", "two-person", &[Permissions]),
        ("docker secret rm db", "two-person", &[Secrets]),
    ]);
}

#[test]
fn nothing_hides_behind_an_option() {
    hold(&[
        ("docker --config /tmp/x ps", "confirm", &[]),
        ("docker ps --no-such-option", "confirm", &[]),
        ("docker run alpine --help", "confirm", &[Isolated]),
        ("docker build -o / .", "confirm", &[]),
        ("docker run --cidfile=/etc/x alpine", "confirm", &[]),
        ("docker --no-such-option run --privileged alpine", "two-person", &[Permissions]),
        ("docker run --net host --pid=host alpine", "two-person", &[Permissions]),
        // Behind `compose`, -H no longer means another daemon.
        ("docker compose -H x ps", "confirm", &[]),
    ]);
}
