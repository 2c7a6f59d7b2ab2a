// Out of the viewer: the clipboard, and files. Each carries the notice.
import { convertReport } from "./api.js";
import { make } from "./dom.js";

export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  // Over plain http from another machine there is no clipboard interface; a selected text field still copies.
  const field = make("textarea", { class: "off-screen", "aria-hidden": "true", tabindex: "-1" });
  field.value = text;
  document.body.append(field);
  const held = document.activeElement;
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  held?.focus();
  if (!done) throw new Error("This browser does not let the page copy.");
}

function download(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = make("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);      // after the browser has taken it
}

export const kForms = {
  json: { label: "JSON", suffix: ".report.json", title: "Report JSON (hilum.report/1)" },
  fhir: { label: "FHIR", suffix: ".fhir.json", title: "FHIR R4 DiagnosticReport", type: "application/fhir+json" },
  sr: { label: "DICOM SR", suffix: ".sr.dcm", title: "DICOM structured report with boxes", type: "application/dicom" },
};

// The reviewed report as a file. Throws ApiError where the server refuses a form; choices: {allow_demo?, allow_mismatch?}.
export async function downloadForm(form, review, files, name, choices = {}, signal) {
  const { type, suffix } = kForms[form];
  const report = review.toReport();
  const blob = type
    ? await convertReport(files, { ...choices, report }, type, signal)
    : new Blob([JSON.stringify(report, null, 2), "\n"], { type: "application/json" });
  const base = name.replace(/\.(dcm|dicom|png|jpe?g)$/i, "");
  download(blob, base + suffix);
  if (form !== "sr" || !report.findings.some((finding) => finding.boxes)) return;
  // The narrative document belongs beside the boxes; where there are none, it is the first.
  download(await convertReport(files, { ...choices, report, sr: "text" }, type, signal), base + ".sr.text.dcm");
}
