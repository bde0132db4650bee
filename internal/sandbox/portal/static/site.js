"use strict";
document.documentElement.classList.add("js");
import("/static/app.js").catch(() => {});
