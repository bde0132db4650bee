package supportcheck

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// words are regular expressions for the parts of a section.
type words struct {
	owner, contact, steps, time, escalate, hours, review *regexp.Regexp
}

// Words of the languages that clients write most, as the beginnings of words. A
// runbook in another one brings its own.
const (
	ownerWords = `owner|owned|ownership|responsib|accountab|dri\b|assignee|maintain|in charge|who(?: owns| answers| handles| is responsible| helps)?(?: it| this)?$|handled by|handler|lead\b|team\b|person$|verantwort|zuständig|ansprechpartner|besitzer|eigentümer` +
		`|responsable|propriétaire|titulaire|propietari|encargad|dueñ|responsabil|proprietari|referente|responsáve|dono|eigenaar|verantwoordelijk|ansvarig|ägare|ansvarlig|ejer|eier|właściciel|odpowiedzial|vlastník|odpovědn`
	contactWords = `contact|reach|e-?mail|phone|call|tel\b|pager|chat|slack|teams|channel|help ?desk|ticket|kontakt|erreich|anruf|contacto|contatto|courriel|correo|telefon|téléphone|teléfono|telefoon|joindre|bereik`
	stepsWords   = `steps?|procedure|what to do|how to|instructions|runbook|actions?|checklist|schritt|vorgehen|ablauf|anleitung|étape|marche à suivre|procédure|paso|procedimiento|pass[io]|procedur|stappen|werkwijze|steg|trin|fremgang|krok`
	timeUnits    = `min(?:ute|uto|uut)?[a-zäöåę]*\.?|mins?|hours?|hrs?|h|hourly|stunden?|std\.?|heures?|horas?|or[ae]|uur|uren|timm[ae]r?|timer?|godzin[ay]?|hodin[ay]?` +
		`|(?:business |working |calendar )?days?|(?:werk|arbeits|geschäfts)?tage?n?|werkdag(?:en)?|dag(?:ar|e|en)?|jours?(?: ouvrés| ouvrables)?|días?(?: hábiles| laborables)?|giorn[io](?: lavorativi)?|dias?(?: úteis)?|dni|weeks?|wochen?`
	numerals      = `one|two|three|four|five|ten|fifteen|thirty|an?|half an|einer?|zwei|drei|vier|une?|deux|trois|una?|dos|tres|due|tre`
	escalateWords = `escal|eskal|opschal|hand (?:it |this |them )?over|pass (?:it |this )?on to|page the on-?call|call the on-?call|raise (?:it |this )?(?:to|with)|weiterleiten an|weitergeben an|transmettre à|doorverwijzen|derivar a|inoltrare a`
	hoursWords    = `out[- ]of[- ](?:office[- ]|business[- ])?hours|(?:outside|beyond) (?:of )?(?:\pL+ ){0,2}hours|after[- ]hours|off[- ]hours|24\s?[/x×]\s?7|around the clock|round the clock` +
		`|night|weekend|week-end|evening|holiday|any (?:time|hour)|all (?:times|hours)|day and night|(?:seven|7) days a week|24 hours a day|jour et nuit|día y noche|tag und nacht|dag en nacht|außerhalb der|nachts|wochenend|feiertag|rufbereitschaft|rund um die uhr|hors (?:des )?heures|astreinte|la nuit|jours? férié|fuera de(?:l)? horario|fin de semana|noche` +
		`|fuori orario|fine settimana|notte|fora do horário|fim de semana|noite|buiten kantoor|buiten werktijd|nacht|utanför|helg|udenfor|utenfor|poza godzinami`
	reviewWords = `last[- ]reviewed|reviewed|last[- ]review|review date|date of (?:last )?review|last[- ](?:checked|verified)|zuletzt (?:geprüft|überprüft)|letzte (?:prüfung|überprüfung)|geprüft am|dernière (?:révision|revue|vérification)` +
		`|(?:revu|vérifié) le|última revisión|revisado|ultima revisione|última revisão|laatst (?:herzien|gecontroleerd|beoordeeld)|senast granskad|sidst gennemgået|sist gjennomgått|ostatni przegląd`
)

// vocabulary joins the words of the check with those of the user.
func vocabulary(own Words) words {
	stems := func(known string, more []string) *regexp.Regexp {
		for _, w := range more {
			if w = strings.TrimSpace(w); w != "" {
				known += "|" + glob(w)
			}
		}
		return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(?:` + known + `)`)
	}
	units := timeUnits
	for _, w := range own.Time {
		if w = strings.TrimSpace(w); w != "" {
			units += "|" + glob(w) + `\pL*`
		}
	}
	return words{
		owner: stems(ownerWords, own.Owner), contact: stems(contactWords, own.Contact), steps: stems(stepsWords, own.Steps),
		escalate: stems(escalateWords, own.Escalate), hours: stems(hoursWords, own.OutOfHours), review: stems(reviewWords, own.Review),
		// In scripts without blanks a unit follows its number, and more follows it.
		time: regexp.MustCompile(`(?i)(?:\d+(?:[.,]\d+)?|(?:^|[^\pL])(?:` + numerals + `))(?:\s*(?:-|–|to|bis|à|a)\s*\d+)?[\s-]*(?:` + units + `)(?:$|[^a-zäöüß])`),
	}
}

// glob is a word of the user's as a regular expression: it is the beginning of a
// word, and * stands for any run of characters.
func glob(word string) string {
	parts := strings.Split(word, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return strings.TrimSuffix(strings.Join(parts, ".*"), ".*")
}

// common are words without which nobody writes a page in the languages that the
// check has words of.
var common = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(`the and to of is in for it if a der die das und zu ist den nicht le la les et de des est un une pour el los las que y del para il di che per e het een van en zijn och att det som
 og på til er av w na się z do o os da em não`) {
		out[w] = true
	}
	return out
})

// known reports whether a text is in a language that the check has words of: one
// in ten words is a common one, at least.
func known(text string) bool {
	all, hits := 0, 0
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		all++
		if common()[w] {
			hits++
		}
	}
	return hits*10 >= all
}
