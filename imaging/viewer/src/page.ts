/** The page around the screens: elements, languages, what is said aloud. */

import type { Series } from "./index";
import { count, ENGLISH, type Language, LANGUAGES, preferred } from "./texts";

type Child = Node | string | undefined | false;

interface Properties {
  class?: string;
  id?: string;
  /** Attributes and `aria-…`. */
  attributes?: Record<string, string>;
  on?: Record<string, (event: never) => void>;
}

/** An element. Texts become text nodes: nothing from a file is ever markup. */
export function el<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, properties: Properties = {}, ...children: Child[]): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (properties.class) element.className = properties.class;
  if (properties.id) element.id = properties.id;
  for (const [name, value] of Object.entries(properties.attributes ?? {})) element.setAttribute(name, value);
  for (const [name, listener] of Object.entries(properties.on ?? {})) element.addEventListener(name, listener as EventListener);
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

export function button(label: string, act: () => void, kind = ""): HTMLButtonElement {
  return el("button", { class: kind, attributes: { type: "button" }, on: { click: act } }, label);
}

/** A button with a sign, and words for those who do not see it. */
export function signButton(sign: string, label: string, act: () => void): HTMLButtonElement {
  const made = button(sign, act, "sign");
  made.setAttribute("aria-label", label);
  return made;
}

/** The screen's heading, which takes the focus when the screen comes. */
export function heading(text: string): HTMLHeadingElement {
  return el("h1", { attributes: { tabindex: "-1" } }, text);
}

/** The way back to the list. */
export function backLink({ list, language }: Page): HTMLElement | false {
  return list !== undefined && el("p", { class: "unprinted" }, el("a", { attributes: { href: list } }, language.texts.back));
}

/** What a screen shows, and what it stops when it goes. */
export interface Screen {
  title: string;
  content: HTMLElement;
  leave?: () => void;
}

/** What every screen gets. */
export interface Page {
  language: Language;
  /** A number in the language's digits. */
  count(number: number): string;
  /** Where the list of all there is is, if it is here. */
  list: string | undefined;
  /** Where the reader finds an image or another instance of a series, whose place in the list is `number`: `position` counts
   * from 1, images by their frames. */
  addressIn(series: Series, number: number, position: number): string;
  /** Says it to those who hear the page. */
  say(words: string): void;
}

/** Shows one screen at a time, in the chosen language. */
export class Frame {
  private language = preferred(navigator.languages);
  private screen: Screen | undefined;
  private make: ((page: Page) => Screen) | undefined;
  private readonly spoken = el("p", { class: "spoken", attributes: { role: "status" } });

  show(make: (page: Page) => Screen): void {
    this.make = make;
    this.draw();
    document.querySelector("h1")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  private draw(): void {
    this.screen?.leave?.();
    const { language } = this;
    const { texts } = language;
    this.screen = this.make?.({ language, count: (number) => count(language, number), list: "#", addressIn: (_, number, position) => `#series-${number}-${position}`, say: (words) => this.spoken.replaceChildren(words) });
    document.documentElement.lang = language.tag;
    document.documentElement.dir = language.direction;
    document.title = this.screen ? `${this.screen.title} – ${texts.title}` : texts.title;
    this.spoken.replaceChildren();
    document.body.replaceChildren(
      el("header", {}, el("span", { class: "name" }, texts.title), this.languages()),
      el("main", {}, this.screen?.content),
      this.spoken,
      el("footer", {}, el("p", {}, texts.notForDiagnosis), ...(language.reviewed ? [] : this.binding())),
    );
  }

  /** The warning in the language it was written in, where its translation was not reviewed. */
  private binding(): HTMLElement[] {
    return [el("p", {}, this.language.texts.madeForInformation), el("p", { attributes: { lang: "en", dir: "ltr" } }, ENGLISH.texts.notForDiagnosis)];
  }

  private languages(): HTMLElement {
    const options = LANGUAGES.map((language) => {
      const option = el("option", { attributes: { value: language.tag, lang: language.tag, dir: language.direction } }, language.name);
      option.selected = language === this.language;
      return option;
    });
    const choice = el("select", { id: "language", on: { change: () => this.choose(choice.value) } }, ...options);
    return el("label", { class: "language" }, el("span", { class: "spoken" }, this.language.texts.language), choice);
  }

  private choose(tag: string): void {
    this.language = LANGUAGES.find((language) => language.tag === tag) ?? ENGLISH;
    this.draw();
    document.getElementById("language")?.focus();
  }
}
