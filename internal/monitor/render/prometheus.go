package render

import (
	"strings"
	"time"
)

// Prometheus renders scrape_configs: of each monitor by way of each
// blackbox_exporter that watches it, and of each application. The text is a
// whole configuration, and a file for scrape_config_files.
func (d Declaration) Prometheus() (string, error) {
	d = d.withDefaults()
	jobs := []object{}
	for _, m := range d.Monitors {
		for _, region := range m.Regions {
			jobs = append(jobs, object{
				field("job_name", text(jobOf(m.Name, region))),
				field("metrics_path", text("/probe")),
				field("scrape_interval", span(m.Interval)),
				field("scrape_timeout", span(min(m.Interval, m.Timeout+time.Second))), // Prometheus refuses a longer one
				field("params", object{field("module", []text{text(m.Name)})}),
				field("static_configs", []object{{
					field("targets", []text{text(m.URL)}),
					field("labels", object{field("monitor", text(m.Name)), field("region", text(region))}),
				}}),
				field("relabel_configs", []object{
					{field("source_labels", []text{"__address__"}), field("target_label", text("__param_target"))},
					{field("source_labels", []text{"__param_target"}), field("target_label", text("instance"))},
					{field("target_label", text("__address__")), field("replacement", replacement(d.Exporters[region]))},
				}),
			})
		}
	}
	for _, a := range d.Applications {
		jobs = append(jobs, a.job())
	}
	return marshal("Prometheus: scrape_configs", object{field("scrape_configs", jobs)})
}

func (a Application) job() object {
	or := func(s, otherwise string) text {
		if s == "" {
			return text(otherwise)
		}
		return text(s)
	}
	interval := a.Interval
	if interval <= 0 {
		interval = 15 * time.Second // spikes are to be seen within minutes
	}
	job := object{
		field("job_name", text(a.Name)),
		field("scheme", or(a.Scheme, "http")),
		field("metrics_path", or(a.Path, "/metrics")),
		field("scrape_interval", span(interval)),
		field("scrape_timeout", span(min(interval, 10*time.Second))),
	}
	if a.TokenFile != "" {
		job = append(job, field("authorization", object{field("credentials_file", text(a.TokenFile))}))
	}
	return append(job, field("static_configs", []object{{field("targets", texts(a.Targets))}}))
}

// replacement is a literal where relabelling expands $1 and ${1}.
func replacement(s string) text { return text(strings.ReplaceAll(s, "$", "$$")) }
