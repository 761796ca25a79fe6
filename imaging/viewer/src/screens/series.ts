/** Which screen shows a series. */

import type { Holding } from "../holding";
import type { Series } from "../index";
import { kindIn } from "../kinds";
import type { Page, Screen } from "../page";
import type { Pictures } from "../pictures";
import { entriesScreen, entryIn } from "./entries";
import { pictureScreen, tableFor } from "./picture";

/** Makes the series' screen anew whenever it is drawn; where the reader is in the series stays. It begins at `position`, from
 * 0, or at its first. */
export function seriesScreen(holding: Holding, pictures: Pictures, series: Series, position?: number): (page: Page) => Screen {
  const kind = kindIn(series);
  if (kind === "picture") {
    const table = tableFor(series, position);
    return (page) => pictureScreen(page, holding, pictures, table);
  }
  const entry = entryIn(series, position ?? 0);
  return (page) => entriesScreen(page, holding, entry, kind);
}
