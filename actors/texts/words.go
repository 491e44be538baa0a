package texts

import (
	"fmt"

	"vakhta/session"
)

// Compose words a passcode, or a notice, in its owner's language. A passcode that signs an order names what is signed.
func Compose(to session.Profile, text session.SendText) string {
	w := russian
	if to.Language == "en" {
		w = english
	}
	switch {
	case text.Token != "":
		return w.token[text.Token] + " " + w.byClient
	case text.Code == "":
		by := w.byClient
		if text.Operator {
			by = w.byOperator
		}
		return w.happened(text) + " " + by
	case text.About == nil:
		return fmt.Sprintf(w.opens, text.Number, text.Code)
	default:
		return fmt.Sprintf(w.signs, w.asked(text), text.Number, text.Code)
	}
}

// words are the texts of one language.
type words struct {
	opens, signs         string
	byClient, byOperator string
	change               map[session.PhoneAction][2]string // what is asked, and what has happened
	disconnect           map[session.Means]string
	connect              string
	token                map[session.TokenStatus]string
}

var (
	russian = words{
		opens:      "Код №%d: %s — открытие сессии безопасности. Никому его не сообщайте.",
		signs:      "%s. Код №%d: %s. Никому его не сообщайте.",
		byClient:   "Если это сделали не вы, немедленно позвоните брокеру.",
		byOperator: "Это сделал оператор брокера по телефонному обращению. Если обращались не вы, немедленно позвоните брокеру.",
		change: map[session.PhoneAction][2]string{
			session.AddPhone:     {"Новый контактный телефон %s", "Добавлен контактный телефон %s."},
			session.ReplacePhone: {"Смена телефона на %s", "Контактный телефон заменён на %s."},
			session.PrimaryPhone: {"Пароли по SMS — на телефон %s", "Пароли по SMS теперь приходят на телефон %s."},
			session.RemovePhone:  {"Удаление контактного телефона %s", "Контактный телефон %s удалён."},
		},
		disconnect: map[session.Means]string{session.SMS: "Отключение SMS-паролей", session.WebToken: "Отключение WEB-токена"},
		connect:    "Подключение WEB-токена %s",
		token: map[session.TokenStatus]string{
			session.TokenIsLocked: "WEB-токен отключён: слишком много неверных ПИН-кодов.",
			session.TokenIsCloned: "WEB-токен отключён: замечена его копия.",
		},
	}
	english = words{
		opens:      "Code No. %d: %s opens your security session. Tell it to nobody.",
		signs:      "%s. Code No. %d: %s. Tell it to nobody.",
		byClient:   "If it was not you, call the broker at once.",
		byOperator: "The broker's operator did it after a call. If you did not call, call the broker at once.",
		change: map[session.PhoneAction][2]string{
			session.AddPhone:     {"New contact phone %s", "The contact phone %s was added."},
			session.ReplacePhone: {"Change of phone to %s", "Your contact phone was replaced by %s."},
			session.PrimaryPhone: {"Passwords by SMS to the phone %s", "Passwords by SMS now go to the phone %s."},
			session.RemovePhone:  {"Removal of the contact phone %s", "The contact phone %s was removed."},
		},
		disconnect: map[session.Means]string{session.SMS: "Disconnecting passwords by SMS", session.WebToken: "Disconnecting the WEB-token"},
		connect:    "Connecting the WEB-token %s",
		token: map[session.TokenStatus]string{
			session.TokenIsLocked: "Your WEB-token is disconnected: too many wrong PINs.",
			session.TokenIsCloned: "Your WEB-token is disconnected: a copy of it was noticed.",
		},
	}
)

// asked names what a code signs.
func (w words) asked(text session.SendText) string {
	switch c := text.About.(type) {
	case session.PhoneChange:
		return fmt.Sprintf(w.change[what(c)][0], text.Phone)
	case session.Disconnect:
		return w.disconnect[c.Means]
	case session.ConnectToken:
		return fmt.Sprintf(w.connect, c.Fingerprint)
	case session.Restore:
		panic("texts: nobody restores a means by a passcode")
	default:
		panic(fmt.Sprintf("texts: no words for %T", c))
	}
}

// happened names what has happened.
func (w words) happened(text session.SendText) string {
	c, ok := text.About.(session.PhoneChange)
	if !ok {
		panic(fmt.Sprintf("texts: no words for %T", text.About))
	}
	return fmt.Sprintf(w.change[what(c)][1], text.Phone)
}

// what matters of a change: of a phone that is added as the primary one, that passwords go to it.
func what(c session.PhoneChange) session.PhoneAction {
	if c.Primary {
		return session.PrimaryPhone
	}
	return c.Action
}
