// What runs on every page.
import "./announcer.ts";
import "./toasts.ts";
import "./theme.ts";
import "./vote-button.ts";
import "./configurator.ts";
import "./live-pill.ts";
import "./presence.ts";
import "./lookalikes.ts";
import "./infinite-list.ts";
import "./tabs.ts";
import "./desk.ts";
import { startDrafts } from "./draft.ts";
import { live } from "./live.ts";
import { startMentions } from "./mentions.ts";
import { startTimes } from "./local-time.ts";
import { startForms } from "./menu.ts";
import { renewPage, startRegions } from "./regions.ts";
import { startKeys } from "./shortcuts.ts";
import { startStandings } from "./standing.ts";

startForms();
startTimes();
startDrafts();
startRegions();
startStandings();
startKeys();
startMentions();
live.start(renewPage);
