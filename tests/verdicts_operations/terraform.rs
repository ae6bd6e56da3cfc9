//! terraform and tofu.

use crate::stand::hold;
use remgate::facts::Effect::{Availability, Data, Disclosure, Isolated, None as Nothing, Secrets};

#[test]
fn terraform_verdicts() {
    hold(&[
        ("terraform plan -destroy", "run", &[Nothing]),
        ("terraform -chdir=prod plan -var-file=a.tfvars -target=a.b", "run", &[Nothing]),
        ("tofu plan -lock=false -input=false", "run", &[Nothing]),
        ("terraform plan -out=tfplan", "run", &[Isolated]),
        ("terraform output", "run", &[Nothing]),
        ("terraform show tfplan", "run", &[Nothing]),
        ("terraform state list", "run", &[Nothing]),
        ("terraform fmt -check -recursive", "run", &[Nothing]),
        ("terraform init -input=false", "run", &[Isolated]),
        ("terraform state list -help", "run", &[Nothing]),
        ("terraform output password", "confirm", &[Disclosure]),
        ("terraform output -json", "confirm", &[Disclosure]),
        ("terraform show -json", "confirm", &[Disclosure]),
        ("terraform state pull", "confirm", &[Disclosure]),
        ("terraform taint a.b", "confirm", &[Availability]),
        ("terraform import a.b c", "confirm", &[Isolated]),
        ("terraform workspace select prod", "confirm", &[Isolated]),
        ("terraform init -upgrade", "confirm", &[Isolated]),
        ("terraform apply", "two-person", &[Availability, Data]),
        ("terraform apply -auto-approve tfplan", "two-person", &[Data]),
        ("terraform destroy -target=a.b", "two-person", &[Data]),
        ("terraform apply -destroy", "two-person", &[Data]),
        ("terraform state rm a.b", "two-person", &[Data]),
        ("terraform state mv a.b c.d", "two-person", &[Data]),
        ("terraform state push x.tfstate", "two-person", &[Data]),
        ("terraform force-unlock 1234", "two-person", &[Data]),
        ("terraform workspace delete old", "two-person", &[Data]),
        ("terraform init -migrate-state", "two-person", &[Data]),
        ("terraform import -lock=false a.b c", "two-person", &[Data]),
        ("terraform taint random_password.db", "two-person", &[Secrets]),
        ("terraform login", "two-person", &[Secrets]),
    ]);
}

#[test]
fn nothing_hides_behind_an_option() {
    hold(&[
        ("terraform plan -out=/etc/passwd", "confirm", &[]),
        ("terraform plan -generate-config-out=x.tf", "confirm", &[]),
        ("terraform init -plugin-dir=/tmp/x", "confirm", &[]),
        ("terraform init -from-module=x", "confirm", &[]),
        ("terraform plan -no-such-option", "confirm", &[]),
        // Not understood and able to destroy a workspace: nobody can say how far it reaches.
        ("terraform --no-such-option destroy", "two-person", &[Data]),
        ("terraform apply -no-such-option", "two-person", &[Data]),
    ]);
}
