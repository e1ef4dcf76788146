import { chromium } from '@playwright/test'
import { readFileSync } from 'node:fs'
const dir='/work/main/style/'
function bundle(f){let out='';for(let l of readFileSync(dir+f,'utf8').replace(/\/\*[^]*?\*\//g,'').split('\n')){l=l.trim();const m=/^@import (?:url\()?"([^"]+)"\)?(?: layer\((\w+)\))?;/.exec(l);if(m){const i=bundle(m[1]);out+=m[2]?`@layer ${m[2]} {\n${i}}\n`:i}else out+=l+'\n'}return out}
const css=bundle('main.css')
const base=process.env.BASE??'http://127.0.0.1:3977'
const what=JSON.parse(process.argv[2]) // {name: path or [log path, selector]}
const roles=(process.argv[3]??'admin').split(',')
const browser=await chromium.launch({executablePath:process.env.CHROMIUM,args:['--no-sandbox','--disable-gpu']})
for(const role of roles){
 for(const scheme of (process.argv[4]??'light,dark').split(',')) for(const width of (process.argv[5]??'1440,390').split(',').map(Number)){
  const c=await browser.newContext({baseURL:base,colorScheme:scheme,viewport:{width,height:width>1000?900:844},javaScriptEnabled:true})
  await c.route('**/main.css',r=>r.fulfill({contentType:'text/css',body:css}))
  const p=await c.newPage()
  await p.goto('/sign-in');await p.getByLabel('E-mail').fill(role+'@tollwarden.example');await p.getByLabel('Password').fill('correct horse battery staple');await p.getByRole('button',{name:'Sign in'}).click();await p.waitForURL(/\/$|\?/)
  for(const [name,path] of Object.entries(what)){
   if(Array.isArray(path)){await p.goto(path[0]);await p.locator(path[1]).first().click()}else await p.goto(path)
   await p.waitForURL(u=>!Array.isArray(path)||!u.pathname.startsWith('/sign-ins'));await p.waitForLoadState('load');await p.waitForTimeout(400)
   const o=await p.evaluate(()=>[document.documentElement.scrollWidth,document.documentElement.clientWidth,location.pathname])
   console.log(name,role,scheme,width,o.join(' '))
   await p.screenshot({path:`/tmp/pages_shots/${name}-${role}-${width}-${scheme}.png`,fullPage:true})
  }
  await c.close()
 }
}
await browser.close()
