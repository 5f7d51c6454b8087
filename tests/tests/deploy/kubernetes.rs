//! k8s/: limits, users and volumes of every pod, and what has to agree between files.

use super::files::{at, is_pinned, list, text, word, yaml};
use serde_json::Value;
use std::collections::BTreeSet;

/// What `kubectl apply -k` applies from this folder, and the example of a service.
fn objects() -> Vec<Value> {
    let kustomization = yaml("deploy/k8s/kustomization.yaml").remove(0);
    let resources = list(&kustomization["resources"]).iter().map(word);
    let mut files: Vec<String> = resources
        .filter(|name| name.ends_with(".yaml"))
        .map(str::to_owned)
        .collect();
    files.push("service.yaml".to_owned());
    files
        .iter()
        .flat_map(|file| yaml(&format!("deploy/k8s/{file}")))
        .collect()
}

/// The templates of pods, with their names.
fn pods(objects: &[Value]) -> Vec<(&str, &Value)> {
    let with = objects
        .iter()
        .filter(|object| !object["spec"]["template"].is_null());
    with.map(|object| (word(&object["metadata"]["name"]), &object["spec"]["template"]))
        .collect()
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let of = |kind: &str| pod["spec"][kind].as_array().into_iter().flatten();
    of("containers").chain(of("initContainers"))
}

#[test]
fn every_pod_is_limited_and_may_do_little() {
    let objects = objects();
    let pods = pods(&objects);
    assert_eq!(
        pods.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["vector", "recover", "payment"]
    );
    for (name, pod) in pods {
        assert_eq!(
            pod["spec"]["securityContext"]["seccompProfile"]["type"], "RuntimeDefault",
            "{name}"
        );
        assert_eq!(pod["spec"]["automountServiceAccountToken"], false, "{name}");
        for container in containers(pod) {
            let its = &container["securityContext"];
            assert_eq!(its["allowPrivilegeEscalation"], false, "{name}");
            assert_eq!(its["readOnlyRootFilesystem"], true, "{name}");
            assert_eq!(its["capabilities"]["drop"][0], "ALL", "{name}");
            for kind in ["requests", "limits"] {
                let amount = &container["resources"][kind];
                assert!(
                    amount["cpu"].is_string() && amount["memory"].is_string(),
                    "{name}: {kind}"
                );
            }
            // The command's own image is pinned by kustomization.yaml.
            assert!(
                container["image"] == "tracel" || is_pinned(word(&container["image"])),
                "{name}"
            );
        }
        for container in list(&pod["spec"]["containers"]) {
            let is_no_root = [&container["securityContext"], &pod["spec"]["securityContext"]]
                .iter()
                .any(|context| context["runAsNonRoot"] == true);
            assert!(is_no_root, "{name}");
            let has_port = container["ports"].is_array();
            assert_eq!(has_port, container["readinessProbe"].is_object(), "{name}");
            assert_eq!(has_port, container["livenessProbe"].is_object(), "{name}");
        }
    }
}

#[test]
fn the_recovery_finds_what_a_service_leaves() {
    let objects = objects();
    let pods = pods(&objects);
    let pod = |name: &str| pods.iter().find(|(other, _)| *other == name).expect("a pod").1;
    let (recover, service) = (pod("recover"), pod("payment"));
    let host = |pod: &Value| word(&pod["spec"]["volumes"][0]["hostPath"]["path"]).to_owned();
    let mounted =
        |pod: &Value| word(&pod["spec"]["containers"][0]["volumeMounts"][0]["mountPath"]).to_owned();
    let folder = host(service)
        .strip_prefix(&format!("{}/", host(recover)))
        .expect("below it")
        .to_owned();
    assert!(!folder.contains('/'), "one folder a service: {folder}");
    let environment = list(&service["spec"]["containers"][0]["env"]);
    let dir = environment
        .iter()
        .find(|one| one["name"] == "TRACEL_DIR")
        .expect("TRACEL_DIR");
    assert_eq!(
        mounted(service),
        format!("{}/{folder}", word(&dir["value"])),
        "TRACEL_DIR/SERVICE"
    );
    let arguments: Vec<&str> = list(&recover["spec"]["containers"][0]["args"])
        .iter()
        .map(word)
        .collect();
    assert_eq!(arguments[..3], ["recover", mounted(recover).as_str(), "--watch"]);
    let user = |pod: &Value| pod["spec"]["containers"][0]["securityContext"]["runAsUser"].clone();
    assert_eq!(user(recover), user(service), "a journal is its owner's alone");
    assert!(text("deploy/Dockerfile").contains(&format!("USER {0}:{0}", user(recover))));
}

#[test]
fn nothing_is_named_that_is_not_there() {
    let kustomization = yaml("deploy/k8s/kustomization.yaml").remove(0);
    for resource in list(&kustomization["resources"]) {
        assert!(at("deploy/k8s").join(word(resource)).exists(), "{resource}");
    }
    let generated = &yaml("deploy/vector/kustomization.yaml")[0]["configMapGenerator"][0];
    let compose = yaml("deploy/compose.yaml").remove(0);
    let mut files: BTreeSet<String> = BTreeSet::new();
    for file in list(&generated["files"]) {
        assert!(at("deploy/vector").join(word(file)).exists(), "{file}");
        files.insert(format!("./vector/{0}:/etc/vector/{0}:ro", word(file)));
    }
    let mounted = list(&compose["services"]["vector"]["volumes"]).iter().map(word);
    let mounted: BTreeSet<String> = mounted
        .filter(|one| one.starts_with("./"))
        .map(str::to_owned)
        .collect();
    assert_eq!(files, mounted, "Vector has the same files here and there");
    let objects = objects();
    for (name, pod) in pods(&objects) {
        let volumes: BTreeSet<&str> = list(&pod["spec"]["volumes"])
            .iter()
            .map(|volume| word(&volume["name"]))
            .collect();
        for mount in containers(pod).flat_map(|container| list(&container["volumeMounts"])) {
            assert!(volumes.contains(word(&mount["name"])), "{name}: {mount}");
        }
    }
    let versions = [
        &compose["services"]["vector"]["image"],
        &pods(&objects)[0].1["spec"]["containers"][0]["image"],
    ];
    assert_eq!(versions[0], versions[1], "one Vector");
}
