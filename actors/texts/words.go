package texts

import (
	"fmt"

	"vakhta/session"
)

// Compose words a passcode in its owner's language.
func Compose(to session.Profile, text session.SendText) string {
	if to.Language == "en" {
		return fmt.Sprintf("Code No. %d: %s opens your security session. Tell it to nobody.", text.Number, text.Code)
	}
	return fmt.Sprintf("Код №%d: %s — открытие сессии безопасности. Никому его не сообщайте.", text.Number, text.Code)
}
