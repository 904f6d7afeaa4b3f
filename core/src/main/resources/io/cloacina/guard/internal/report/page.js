'use strict';
// Only comfort: without this script the page says the same.
(function () {
  document.querySelectorAll('.find dd, .todo dd').forEach(function (holder) {
    var command = holder.querySelector('pre');
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.addEventListener('click', function () {
      var done = function () {
        button.textContent = 'Copied';
        setTimeout(function () { button.textContent = 'Copy'; }, 1600);
      };
      var select = function () {
        getSelection().selectAllChildren(command);
      };
      if (navigator.clipboard) {
        navigator.clipboard.writeText(command.textContent).then(done, select);
      } else {
        select();
      }
    });
    holder.classList.add('copy');
    holder.appendChild(button);
  });
  var filter = document.querySelector('.filter');
  if (filter) {
    filter.hidden = false;
    filter.querySelector('input').addEventListener('input', function (event) {
      var wanted = event.target.value.toLowerCase();
      document.querySelectorAll('section.group').forEach(function (group) {
        var any = false;
        group.querySelectorAll('.find').forEach(function (find) {
          find.hidden = find.textContent.toLowerCase().indexOf(wanted) < 0;
          any = any || !find.hidden;
        });
        group.hidden = !any;
      });
    });
  }
})();
