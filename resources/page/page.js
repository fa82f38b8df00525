// Arrows and Escape on an open picture; the page works without this.
document.addEventListener("keydown", function (event) {
  var rel = { ArrowLeft: "prev", ArrowRight: "next", Escape: "up" }[event.key];
  var link = rel && document.querySelector("figure:target nav a[rel=" + rel + "]");
  if (link && !event.altKey && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    link.click();
    if (rel === "up") document.querySelector(link.getAttribute("href") + " a").focus();
  }
});
