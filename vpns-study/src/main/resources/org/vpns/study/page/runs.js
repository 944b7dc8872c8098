(function () {
  "use strict";
  var AT_ONCE = 50;
  var table = document.querySelector(".all-runs"), body = table.tBodies[0];
  var filter = document.getElementById("runs-filter"), shown = document.getElementById("runs-shown");
  var all = Array.prototype.slice.call(body.rows), list = all, from = 0;

  function show() {
    from = Math.max(0, Math.min(from, Math.floor((list.length - 1) / AT_ONCE) * AT_ONCE));
    var to = Math.min(from + AT_ONCE, list.length);
    body.replaceChildren.apply(body, list.slice(from, to));
    shown.textContent = list.length ? from + 1 + " to " + to + " of " + list.length : "none of " + all.length;
    page.list(".pager button").forEach(function (button) {
      button.disabled = button.dataset.step < 0 ? from === 0 : to === list.length;
    });
  }

  function text(row) {
    return Array.prototype.map.call(row.cells, function (cell) { return cell.textContent; }).join(" ").toLowerCase();
  }

  function choose() {
    var words = filter.value.toLowerCase().split(/\s+/);
    list = all.filter(function (row) {
      var own = text(row);
      return words.every(function (word) { return own.indexOf(word) >= 0; });
    });
    from = 0;
    show();
  }

  page.sortable(table, function (rows) {
    all = rows;
    choose();
  });
  page.list(".pager button").forEach(function (button) {
    button.addEventListener("click", function () {
      from += AT_ONCE * Number(button.dataset.step);
      show();
    });
  });
  filter.addEventListener("input", choose);
  filter.closest("p").hidden = false;
  // Paper has no pager.
  window.addEventListener("beforeprint", function () {
    body.replaceChildren.apply(body, list);
  });
  window.addEventListener("afterprint", show);
  show();
})();
