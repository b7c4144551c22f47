# SPDX-License-Identifier: Apache-2.0
# What: headless Chromium (its own allocator, many processes) renders a page and prints its document
# Packages: chromium
# Needs: command -v chromium
# Ignore: .*
# Limit: 120
# Explain: errors its messages have times and process ids
program() {
  cat >page.html <<'H'
<!doctype html><title>t</title><canvas id=c width=200 height=200></canvas><p id=p></p>
<script>
let sum = 0; const list = [];
for (let i = 0; i < 200000; i++) { list.push({ i, s: 'x' + i }); sum += list[i].s.length; }
const g = document.getElementById('c').getContext('2d'); g.fillStyle = 'red'; g.fillRect(10, 10, 100, 100);
document.getElementById('p').textContent = sum + ' ' + g.getImageData(20, 20, 1, 1).data.join();
for (let i = 0; i < 500; i++) document.body.appendChild(document.createElement('div')).textContent = i;
</script>
H
  local flags="--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir=$PWD/profile"
  chromium $flags --dump-dom "file://$PWD/page.html" 2>errors | sha256sum
  chromium $flags --screenshot="$PWD/shot.png" --window-size=400,400 "file://$PWD/page.html" 2>errors
  head -c 8 shot.png | od -A n -t x1
}
