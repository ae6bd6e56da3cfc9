//! kubectl: what a careful engineer would let run, ask one person for, or ask two.

use crate::stand::hold;
use remgate::facts::Effect::{
    Availability, Data, Disclosure, Isolated, None as Nothing, Permissions, Routing, Secrets,
};

#[test]
fn reading_runs() {
    hold(&[
        ("kubectl get pods", "run", &[Nothing]),
        ("kubectl -n shop get pods -l app=web -o jsonpath='{.items}'", "run", &[Nothing]),
        ("oc --kubeconfig /root/a get nodes -A", "run", &[Nothing]),
        ("kubectl get secrets -n shop", "run", &[Nothing]),
        ("kubectl get secretstores -o yaml", "run", &[Nothing]),
        ("kubectl describe secret db", "run", &[Nothing]),
        ("kubectl logs -fp web-1 -c delete", "run", &[Nothing]),
        ("kubectl get namespace debug", "run", &[Nothing]),
        ("kubectl describe clusterrole edit", "run", &[Nothing]),
        ("kubectl get pods -l app!=web", "run", &[Nothing]),
        ("kubectl auth can-i delete secrets --as system:serviceaccount:shop:ci -A", "run", &[Nothing]),
        ("kubectl auth can-i create clusterrolebindings", "run", &[Nothing]),
        ("kubectl wait --for=condition=ready pod --all --timeout=60s", "run", &[Nothing]),
        ("kubectl diff -f web.yaml --server-side", "run", &[Nothing]),
        ("kubectl rollout history deploy/web --revision 2", "run", &[Nothing]),
        ("kubectl apply -f web.yaml --dry-run=server", "run", &[Nothing]),
        ("kubectl scale deploy/web --replicas=0 --dry-run=client", "run", &[Nothing]),
        ("kubectl rollout restart --help", "run", &[Nothing]),
        ("kubectl config get-contexts", "run", &[Nothing]),
        ("kubectl whoami", "run", &[Nothing]),
        ("kubectl cnpg --help", "run", &[Nothing]),
        ("kubectl apply -f cluster-rbac.yaml --dry-run=server", "run", &[Nothing]),
        ("kubectl apply view-last-applied -f cluster-rbac.yaml", "run", &[Nothing]),
        ("kubectl get -f cluster-rbac.yaml", "run", &[Nothing]),
    ]);
}

#[test]
fn routine_changes_run() {
    hold(&[
        ("kubectl -n shop rollout restart deploy/web", "run", &[Isolated]),
        ("kubectl rollout restart deployment web -n shop", "run", &[Isolated]),
        ("kubectl rollout restart deploy -l app=web", "run", &[Isolated]),
        ("kubectl rollout pause deploy/web", "run", &[Isolated]),
        ("kubectl create namespace shop", "run", &[Isolated]),
        ("kubectl uncordon worker-1", "run", &[Isolated]),
        ("kubectl port-forward svc/web 8080:80", "run", &[Isolated]),
    ]);
}

#[test]
fn one_person_is_asked() {
    hold(&[
        ("kubectl get secret db -o yaml", "confirm", &[Disclosure]),
        ("kubectl get Secret/db -oJSON", "confirm", &[Disclosure]),
        ("kubectl get pods,secrets --template '{{.items}}'", "confirm", &[Disclosure]),
        ("kubectl describe secret db -v=9", "confirm", &[Disclosure]),
        ("kubectl config view --raw", "confirm", &[Disclosure]),
        ("kubectl get -f https://example.com/x.yaml", "confirm", &[Disclosure]),
        ("kubectl delete pod web-1", "confirm", &[Isolated, Availability]),
        ("kubectl delete pods -l app=web", "confirm", &[Isolated]),
        ("kubectl delete widget a", "confirm", &[Isolated]),
        ("kubectl apply -f web.yaml", "confirm", &[Availability]),
        ("kubectl set image deploy/web app=web:2", "confirm", &[Availability]),
        ("kubectl rollout undo deploy/web", "confirm", &[Availability]),
        ("kubectl rollout restart sts/db", "confirm", &[Availability]),
        ("kubectl rollout restart deploy/nginx-ingress", "confirm", &[Availability]),
        ("kubectl -n kube-system rollout restart deploy/web", "confirm", &[Availability]),
        ("kubectl rollout restart deployment", "confirm", &[Isolated]),
        ("kubectl scale deploy/web --replicas 3", "confirm", &[Isolated]),
        ("kubectl scale deploy/web --replicas=0", "confirm", &[Availability]),
        ("kubectl drain worker-1 --ignore-daemonsets --delete-emptydir-data", "confirm", &[Availability]),
        ("kubectl expose deployment web --port 80", "confirm", &[Routing]),
        ("kubectl run shell -it --rm --image=busybox -- sh", "confirm", &[Isolated]),
        ("kubectl config use-context prod", "confirm", &[Isolated]),
        (
            "kubectl create configmap x --from-file=/etc/shadow --dry-run=client -o yaml",
            "confirm",
            &[Disclosure],
        ),
    ]);
}

#[test]
fn two_people_are_asked() {
    hold(&[
        ("kubectl delete namespace prod", "two-person", &[Data]),
        ("kubectl delete Namespace prod", "two-person", &[Data]),
        ("kubectl delete ns/prod --wait=false", "two-person", &[Data]),
        ("kubectl delete sts/db", "two-person", &[Data, Availability]),
        ("kubectl delete --raw /api/v1/namespaces/prod", "two-person", &[Permissions]),
        ("kubectl delete pods,pvc -l app=web", "two-person", &[Data]),
        ("kubectl delete crd widgets.example.com", "two-person", &[Data]),
        ("kubectl delete persistentvolumeclaims.v1. data-0", "two-person", &[Data]),
        ("kubectl delete pods --all", "two-person", &[Availability]),
        ("oc delete vmim -A", "two-person", &[Availability]),
        ("kubectl delete pods -l app!=web", "two-person", &[Isolated]),
        ("kubectl scale deploy --all --replicas=0", "two-person", &[Availability]),
        ("kubectl patch cm web -p '{\"metadata\":{\"finalizers\":null}}'", "two-person", &[Data]),
        ("kubectl patch deploy web -p '{\"spec\":{\"hostNetwork\":true}}'", "two-person", &[Permissions]),
        ("kubectl create secret generic db --from-literal=a=b", "two-person", &[Secrets]),
        ("kubectl edit secret/db", "two-person", &[Secrets]),
        ("kubectl create token ci", "two-person", &[Secrets, Disclosure]),
        ("kubectl create clusterrolebinding x --clusterrole=admin --user=me", "two-person", &[Permissions]),
        ("kubectl delete sa ci", "two-person", &[Permissions]),
        ("kubectl set subject rolebinding x --user=me", "two-person", &[Permissions]),
        ("kubectl certificate approve csr-1", "two-person", &[Permissions]),
        ("oc adm policy add-scc-to-user privileged -z ci", "two-person", &[Permissions]),
        ("kubectl label ns shop pod-security.kubernetes.io/enforce=privileged", "two-person", &[Permissions]),
        ("kubectl run x --image=a --privileged", "two-person", &[Permissions]),
        ("kubectl proxy --address=0.0.0.0 --accept-hosts=.*", "two-person", &[Permissions]),
        ("kubectl delete svc web", "two-person", &[Routing]),
        ("kubectl edit ingress web", "two-person", &[Routing]),
        ("oc edit dns.operator/default", "two-person", &[Routing]),
        ("kubectl apply -f -", "two-person", &[Availability]),
        ("kubectl apply -f https://example.com/x.yaml", "two-person", &[Availability]),
        ("kubectl apply --prune -f dir", "two-person", &[Availability]),
        ("kubectl apply -f cluster-rbac.yaml", "two-person", &[Permissions]),
        ("kubectl exec web-1 -- rm -rf /data", "two-person", &[Data]),
        ("kubectl debug node/a -it --image=b", "two-person", &[Isolated]),
        ("kubectl cp x web-1:/etc/x", "two-person", &[Isolated]),
        ("kubectl drain -l pool=a", "two-person", &[Availability]),
    ]);
}

/// Ways to say a dangerous thing so that it looks like a harmless one.
#[test]
fn nothing_hides_behind_an_option() {
    hold(&[
        ("kubectl -n shop --context prod delete secret db --no-such-option", "two-person", &[Secrets]),
        ("kubectl --no-such-option delete clusterrole x", "two-person", &[Permissions]),
        ("kubectl delete pod web-1 --dry-run=client --dry-run=none", "confirm", &[]),
        ("kubectl apply -f web.yaml --dry-run=client --dry-run=none", "confirm", &[]),
        ("kubectl apply -f web.yaml --dry-run client", "confirm", &[]),
        ("kubectl delete pod web-1 -- --dry-run=client", "confirm", &[]),
        ("kubectl delete pod web-1 --help=false", "confirm", &[]),
        ("kubectl get pods --as=cluster-admin", "confirm", &[]),
        ("kubectl get pods -s https://192.0.2.1", "confirm", &[]),
        ("kubectl get pods --server https://192.0.2.1 --insecure-skip-tls-verify", "confirm", &[]),
        ("kubectl get pods --profile=cpu --profile-output=/etc/passwd", "confirm", &[]),
        ("kubectl cluster-info dump --output-directory=/etc", "confirm", &[]),
        ("kubectl kustomize x -o /etc/x", "confirm", &[]),
        ("kubectl kustomize x --enable-alpha-plugins", "confirm", &[]),
        ("kubectl get --raw=/healthz/../api/v1/secrets", "confirm", &[Disclosure]),
        ("kubectl edit pod web-1 --kubeconfig", "confirm", &[]),
        ("kubectl scale deploy/web --replicas=00", "confirm", &[Availability]),
        ("kubectl rollout restart deploy -l app!=web", "confirm", &[Isolated]),
    ]);
}
