// Every visible sentence of the desk, in Russian. words.en.ts has the same keys; the compiler checks it.

import { API_KEY, LOGIN_PASSWORD, SMS, VOICE_PASSWORD, WEB_TOKEN } from "../view/numbers";
import { plural } from "../words.ru";

const attempts = (n: number) => `${n} ${plural(n, "попытка", "попытки", "попыток")}`;
const left = (n: number) => `${plural(n, "осталась", "осталось", "осталось")} ${attempts(n)}`;
/** The same at the beginning of a sentence. */
const leftFirst = (n: number) => `${plural(n, "Осталась", "Осталось", "Осталось")} ${attempts(n)}`;

export const ru = {
  product: "Вахта",
  title: "Рабочее место оператора",
  titleWaiting: (n: number, title: string) => `(${n}) ${title}`,
  close: "Закрыть",
  cancel: "Отмена",
  back: "Назад",
  loading: "Загрузка…",
  skip: "К карточке клиента",

  login: {
    title: "Вход оператора",
    lead: "Клиент на линии: найти, проверить, помочь",
    steps: [
      "Найдите клиента по коду, имени или телефону.",
      "Проверьте его: полное имя, код клиента, голосовой пароль.",
      "Выполните просьбу: то, что даёт доступ, подтверждает второй оператор.",
    ],
    note: "Каждый поиск, просмотр и действие записываются в аудит.",
    login: "Логин",
    password: "Пароль",
    code: "Код аутентификатора",
    codeHint: "6 цифр из приложения",
    submit: "Войти",
    submitting: "Проверяем…",
    empty: "Введите логин, пароль и шесть цифр кода.",
    failed: "Логин, пароль или код не подошли.",
    failedNext: "Код действует 30 секунд и только один раз: после ошибки дождитесь следующего.",
    left: (n: number) => `${leftFirst(n)}, затем вход закроется на время.`,
    blocked: (time: string) =>
      `Слишком много неудачных попыток. Вход по этому логину откроется через ${time}.`,
    blockedSoon: "Слишком много неудачных попыток. Вход по этому логину закрыт.",
    blockedNext: "Если это были не вы, сообщите инженеру: «vakhta operator reset».",
    busy: (time: string) => `Сервер занят. Повторите через ${time}.`,
    demo: "Демонстрация, войти как:",
    demoCodes: "коды",
    farewell: {
      logout: "Вы вышли с рабочего места.",
      idle: "Вход завершён: рабочим местом давно не пользовались. Войдите, и поиск будет на месте.",
    },
  },

  header: {
    logout: "Выйти",
    operator: (name: string) => `Оператор: ${name}`,
    lost: "Нет связи с сервером, повторяем…",
  },

  search: {
    title: "Поиск клиента",
    label: "Код, имя, логин или телефон",
    hint: "от 3 символов; стрелки выбирают, Enter открывает",
    key: "/",
    clear: "Очистить поиск",
    results: "Найденные клиенты",
    looking: "Ищем…",
    none: "Никого не нашли. Телефон ищется целиком, с кодом страны.",
    count: (n: number) =>
      `${plural(n, "Найден", "Найдено", "Найдено")} ${n} ${plural(n, "клиент", "клиента", "клиентов")}`,
    more: "Есть и другие: уточните запрос.",
    noPhone: "нет телефона",
  },

  kinds: { person: "физическое лицо", company: "организация" },
  languages: { ru: "русский", en: "английский" } as Record<string, string>,

  queue: {
    title: "Ждут подтверждения",
    none: "Ничего не ждёт второго оператора.",
    count: (n: number) => `ждут вас: ${n}`,
    client: (name: string, code: string) => `${name}, код ${code}`,
    by: (operator: string) => `Предложение: ${operator}`,
    own: "Ваше предложение: подтвердит другой оператор.",
    why: (reason: string) => `Причина: ${reason}`,
    until: (time: string, leftFor: string) => `до ${time}, ещё ${leftFor}`,
    late: "срок истёк",
    open: "Карточка",
    openLong: (name: string) => `Открыть карточку: ${name}`,
    confirm: "Подтвердить…",
    confirmLong: (what: string, name: string) => `Подтвердить: ${what}, ${name}`,
    decline: "Отклонить…",
    declineLong: (what: string, name: string) => `Отклонить: ${what}, ${name}`,
    withdraw: "Отозвать…",
    withdrawLong: (what: string, name: string) => `Отозвать: ${what}, ${name}`,
  },

  decide: {
    confirmTitle: "Подтвердить поручение",
    declineTitle: "Отклонить поручение",
    withdrawTitle: "Отозвать поручение",
    client: "Клиент",
    what: "Что",
    who: "Кто предложил",
    why: "Причина",
    until: "Действует до",
    confirmLead: "Поручение исполнится сразу. Вместе с коллегой вы отвечаете за то, что просит сам клиент.",
    declineLead: "Поручение не исполнится. Клиент и коллега это увидят.",
    withdrawLead: "Поручение не исполнится. Его можно предложить заново.",
    confirm: "Подтвердить",
    decline: "Отклонить",
    withdraw: "Отозвать",
    sending: "Отправляем…",
  },

  client: {
    empty: "Клиент не выбран",
    emptyHint: "Найдите его по коду, имени, логину или телефону.",
    emptyKey: "Клавиша «/» ставит курсор в поиск.",
    code: "Код",
    login: "Логин",
    email: "Почта",
    noEmail: "нет",
    language: "Язык",
    refresh: "Обновить",
    leave: "Закрыть карточку",
    checked: (time: string, leftFor: string) => `проверен до ${time}, ещё ${leftFor}`,
    notChecked: "не проверен",
    retry: "Повторить",
  },

  check: {
    title: "Проверка клиента",
    ask: {
      person: "Попросите клиента назвать полное имя, код клиента и голосовой пароль. Введите, как он скажет.",
      company:
        "Попросите представителя назвать наименование организации, код клиента и голосовой пароль. Введите, как он скажет.",
    },
    never: "Не подсказывайте и не подтверждайте, что именно не совпало.",
    name: { person: "Полное имя", company: "Наименование" },
    code: "Код клиента",
    voice: "Голосовой пароль",
    submit: "Проверить",
    submitting: "Проверяем…",
    left: (n: number) => left(n),
    wrong: "Не совпало.",
    wrongLeft: (n: number) => `${leftFirst(n)}. Что именно не совпало, сервер не говорит.`,
    empty: "Заполните все три поля.",
    first: (what: string) => `${what}: сначала проверьте клиента.`,
    blocked: "Голосовой пароль заблокирован: слишком много неверных.",
    blockedNext:
      "По телефону проверить нельзя. Клиент приходит в офис с документами; один оператор восстанавливает голосовой пароль, второй подтверждает.",
    none: "Голосового пароля у клиента нет.",
    noneNext: "По телефону проверить нельзя. Отключить средство и закрыть сессии можно и без проверки.",
  },

  phones: {
    title: "Контактные телефоны",
    add: "Зарегистрировать телефон…",
    primary: "основной",
    primaryHint: "пароли приходят на него",
    verified: "подтверждён",
    unverified: "не подтверждён",
    since: (time: string) => `с ${time}`,
    imported: "из анкеты",
    none: "Телефонов нет: пароли получать некуда.",
    quarantine: (time: string) => `До ${time} основной телефон на карантине после замены.`,
  },

  means: {
    title: "Средства подтверждения",
    names: {
      0: "оператор",
      [SMS]: "SMS",
      [LOGIN_PASSWORD]: "Пароль входа",
      [VOICE_PASSWORD]: "Голосовой пароль",
      [WEB_TOKEN]: "WEB-токен",
      [API_KEY]: "API-ключ",
    } as Record<number, string>,
    status: {
      ready: "работает",
      none: "нет",
      blocked: "заблокировано",
      disconnected: "отключено",
    } as Record<string, string>,
    until: (time: string, leftFor: string) => `до ${time}, ещё ${leftFor}`,
    forever: "до восстановления",
    left: (n: number) => left(n),
    unknown: (n: string) => `средство ${n}`,
  },

  logins: {
    title: "Входы и сессии",
    none: "Клиент нигде не вошёл.",
    close: "Закрыть сессии…",
    unknownDevice: "неизвестное устройство",
    attended: "терминал открыт",
    away: "терминала нет",
    opened: (time: string) => `вход ${time}`,
    seen: (time: string) => `активность ${time}`,
    session: (means: string, time: string) => `Сессия по ${means}, до ${time}`,
    noSession: "сессии нет",
    noSessions: "Открытых сессий нет.",
  },

  drafts: {
    title: "Поручения, которые ждут",
    client: "ждёт подписи клиента",
    operator: "ждёт второго оператора",
  },

  documents: {
    title: "Последние поручения",
    none: "Неторговых поручений не было.",
    number: (id: string) => `№ ${id}`,
    by: (operator: string) => `оператор ${operator}`,
    byBoth: (operator: string, second: string) => `операторы ${operator} и ${second}`,
    byClient: "клиент",
    why: (reason: string) => `причина: ${reason}`,
    status: {
      drafted: "ждёт",
      signed: "подписано",
      accepted: "исполнено",
      cancelled: "отменено",
    } as Record<string, string>,
    ends: {
      replaced: "заменено новым",
      expired: "срок истёк",
      withdrawn: "отозвано",
      declined: "отклонено",
    } as Record<string, string>,
  },

  /** What an order asks for. */
  orders: {
    add: (phone: string) => `Добавить телефон ${phone}`,
    addPrimary: (phone: string) => `Добавить телефон ${phone} и сделать основным`,
    replace: (old: string, phone: string) => `Заменить телефон ${old} на ${phone}`,
    primary: (phone: string) => `Сделать основным телефон ${phone}`,
    remove: (phone: string) => `Удалить телефон ${phone}`,
    disconnect: (means: string) => `Отключить: ${means}`,
    restore: (means: string) => `Восстановить: ${means}`,
    unknown: (kind: string) => `Поручение вида ${kind}`,
  },

  acts: {
    addPhone: "Зарегистрировать телефон",
    replacePhone: (phone: string) => `Заменить ${phone}`,
    primaryPhone: (phone: string) => `Сделать основным ${phone}`,
    removePhone: (phone: string) => `Удалить ${phone}`,
    restore: (means: string) => `Восстановить: ${means}`,
    disconnect: (means: string) => `Отключить: ${means}`,
    closeSessions: "Закрыть все сессии",
    short: {
      replacePhone: "Заменить…",
      primaryPhone: "Сделать основным…",
      removePhone: "Удалить…",
      restore: "Восстановить…",
      disconnect: "Отключить…",
    },
    number: "Номер телефона",
    numberHint: "с кодом страны",
    primary: "Сделать основным",
    primaryHint: "пароли сразу пойдут на него",
    reason: "Причина",
    reasonHint: "её прочтёт клиент",
    reasonMissing: "Укажите причину: её прочтёт клиент, и она останется в аудите.",
    reasons: {
      phone: ["Сменил номер", "Телефон утерян", "Телефон украден"],
      restore: ["Забыл пароль, проверен по телефону", "Ошибался при вводе", "Вернул телефон"],
      voice: ["Личность проверена в офисе по паспорту"],
      protect: ["Просьба клиента", "Телефон украден", "Подозрение на мошенничество"],
    },
    willWait: "Начнёт действовать, когда подтвердит второй оператор.",
    oldIsTold: "На прежний номер придёт уведомление.",
    voiceOffice:
      "Голосовым паролем проверить нельзя. Предлагайте, только если личность установлена в офисе по документам.",
    replacesOwn: (id: string) => `Заменит ваше поручение № ${id}, которое ещё ждёт.`,
    disconnectLead: (means: string) =>
      `${means} перестанет работать сразу, сессии, открытые им, закроются. Вернуть его можно только с подтверждением второго оператора.`,
    closeLead: (n: number) =>
      n === 0
        ? "Открытых сессий сейчас нет; действие закроет и те, что успеют открыться."
        : `${plural(n, "Закроется", "Закроются", "Закроется")} сразу: ${n} ${plural(n, "сессия", "сессии", "сессий")}. Поданные поручения останутся на бирже.`,
    propose: "Отправить на подтверждение",
    next: "Далее",
    sure: (name: string) => `Точно? Клиент: ${name}`,
    sending: "Отправляем…",
  },

  outcome: {
    waits: (id: string) => `Поручение № ${id} ждёт второго оператора`,
    waitsNext: "Попросите коллегу: оно стоит у него в очереди «Ждут подтверждения».",
    done: (what: string) => `Исполнено: ${what}`,
    confirmed: (name: string) => `Подтверждено и исполнено: ${name}`,
    declined: (name: string) => `Отклонено: ${name}`,
    withdrawn: (name: string) => `Отозвано: ${name}`,
    closed: (n: number) =>
      n === 0
        ? "Открытых сессий не было"
        : `${plural(n, "Закрыта", "Закрыты", "Закрыто")} ${n} ${plural(n, "сессия", "сессии", "сессий")}`,
  },

  history: {
    title: "События безопасности",
    none: "Событий нет.",
    loginOpened: (device: string) => `Вход: ${device}`,
    loginFailed: (n: number) => `, до него неверных паролей: ${n}`,
    loginRenewed: (device: string) => `Вход обновлён: ${device}`,
    loginClosed: (why: string) => `Вход завершён: ${why}`,
    loginEnds: {
      logout: "клиент вышел",
      idle: "терминалом давно не пользовались",
      expired: "истёк срок",
      password_changed: "пароль изменён",
      replaced: "вход с другого устройства",
    } as Record<string, string>,
    passwordChanged: "Клиент сменил пароль",
    passcodeSent: (phone: string) => `Пароль отправлен на ${phone}`,
    passcodeToSign: (phone: string) => `Пароль для подписи поручения отправлен на ${phone}`,
    passcodeFailed: "SMS с паролем не отправлено",
    attempt: (means: string, n: number) => `Неверный ввод, ${means}: ${left(n)}`,
    blocked: (means: string, until: string) => `Заблокировано: ${means}, ${until}`,
    until: (time: string) => `до ${time}`,
    forever: "до восстановления",
    unblocked: (means: string) => `Снова работает: ${means}`,
    disconnected: (means: string) => `Отключено: ${means}`,
    phoneAdded: (phone: string) => `Добавлен телефон ${phone}`,
    phoneRemoved: (phone: string) => `Удалён телефон ${phone}`,
    phoneChanged: (phone: string) => `Пароли теперь приходят на ${phone}`,
    phoneGone: "Телефона для паролей больше нет",
    sessionOpened: (means: string, time: string) => `Сессия по ${means} открыта до ${time}`,
    sessionClosed: (why: string) => `Сессия закрыта: ${why}`,
    closed: {
      expired: "истекло время",
      cap_reached: "достигнут предел в 24 часа",
      left_terminal: "клиент вышел из терминала",
      terminal_gone: "терминал закрыт или потерял связь",
      closed_by_client: "клиент закрыл её",
      closed_by_operator: "её закрыл оператор",
      replaced: "её сменила новая",
      token_revoked: "WEB-токен отключён",
      login_ended: "вход завершён",
      means_disconnected: "средство отключено",
    } as Record<string, string>,
    drafted: (what: string) => `Подано: ${what}`,
    proposed: (what: string, operator: string) => `${operator}: ${what}`,
    signed: (id: string, means: string) => `Поручение № ${id} подписано: ${means}`,
    confirmed: (id: string, operator: string) => `Поручение № ${id} подтверждено: ${operator}`,
    accepted: (id: string) => `Поручение № ${id} исполнено`,
    cancelled: (id: string, how: string) => `Поручение № ${id} ${how}`,
    by: (operator: string) => ` (${operator})`,
    voiceVerified: (operator: string, time: string) => `Проверен до ${time}: ${operator}`,
    acted: { close_sessions: "закрыты сессии" } as Record<string, string>,
    actedBy: (operator: string, what: string, reason: string) => `${operator}: ${what}. ${reason}`,
    unknown: (name: string) => `Событие ${name}`,
  },

  /** What a refusal means and what to do next, by its reason. */
  reasons: {
    no_connection: { what: "Нет связи с сервером.", next: "Проверьте подключение и повторите." },
    not_operator: { what: "Вход завершён.", next: "Войдите снова." },
    no_voice: {
      what: "Голосового пароля у клиента нет.",
      next: "Клиент приходит в офис с документами.",
    },
    not_identified: {
      what: "Клиент не проверен, или время проверки вышло.",
      next: "Спросите полное имя, код клиента и голосовой пароль.",
    },
    voice_blocked: {
      what: "Голосовой пароль заблокирован.",
      next: "Клиент приходит в офис с документами; восстановление подтверждает второй оператор.",
    },
    self_confirmation: {
      what: "Своё предложение подтвердить нельзя.",
      next: "Попросите другого оператора.",
    },
    document_expired: {
      what: "Срок поручения истёк: его не подтвердили вовремя.",
      next: "Предложите заново.",
    },
    document_waits: {
      what: "По этому клиенту уже ждёт поручение другого оператора.",
      next: "Сначала подтвердите или отклоните его.",
    },
    unknown_document: {
      what: "Такое поручение уже не ждёт.",
      next: "Посмотрите, чем оно кончилось, в последних поручениях клиента.",
    },
    reason_missing: { what: "Причина не указана.", next: "Напишите её: клиент её прочтёт." },
    unknown_client: { what: "Такого клиента больше нет.", next: "Закройте карточку и найдите его заново." },
    phone_needs_country: {
      what: "Номер нужен с кодом страны.",
      next: "Начните с +, например +79031111111; вместо 8 пишите +7.",
    },
    bad_phone: { what: "В этой стране таких номеров нет.", next: "Переспросите клиента и проверьте цифры." },
    phone_not_mobile: {
      what: "На этот номер SMS не приходят.",
      next: "Нужен мобильный номер: не городской, не платный, не короткий.",
    },
    phone_known: { what: "Этот номер у клиента уже есть.", next: "Его можно сделать основным." },
    too_many_phones: {
      what: "Больше телефонов добавить нельзя.",
      next: "Замените или удалите один из них.",
    },
    phone_looks_alike: {
      what: "Под маской этот номер не отличить от одного из телефонов клиента.",
      next: "Сначала удалите тот номер или возьмите другой.",
    },
    primary_phone: {
      what: "На этот телефон приходят пароли.",
      next: "Сначала сделайте основным другой или замените этот.",
    },
    last_phone: { what: "Это последний телефон.", next: "Замените его вместо удаления." },
    unknown_phone: { what: "Такого телефона у клиента уже нет.", next: "Обновите карточку." },
    nothing_to_do: { what: "Это уже так.", next: "Обновите карточку." },
    bad_document: { what: "Поручение заполнено неверно.", next: "Проверьте поля и причину." },
    bad_params: {
      what: "Сервер не понял запрос.",
      next: "Обновите страницу; не поможет, сообщите инженеру.",
    },
    cross_origin: { what: "Запрос пришёл с чужого сайта.", next: "Откройте рабочее место в новой вкладке." },
    busy: { what: "Сервер занят.", next: "Повторите через несколько секунд." },
    unavailable: { what: "Сервер временно недоступен.", next: "Повторите через минуту." },
    timeout: { what: "Сервер не ответил вовремя.", next: "Обновите карточку: действие могло исполниться." },
    draining: { what: "Сервер перезапускается.", next: "Повторите через минуту." },
    internal: { what: "Ошибка сервера.", next: "Повторите; не поможет, сообщите инженеру." },
  } as Record<string, { what: string; next: string }>,
};

export type DeskWords = typeof ru;
